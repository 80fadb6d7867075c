zero_order <- function() {
  description <- "Absorption at a constant rate after a delay"
  ini({
    ld <- log(2)
    llag <- log(0.4)
    cl <- 4
    v <- 20
    eta.d ~ 0.1
    s <- 0.1
  })
  model({
    dur(central) <- exp(ld + eta.d)
    alag(central) <- exp(llag)
    d/dt(central) <- -cl / v * central
    cp <- central / v
    cp ~ prop(s)
  })
}
