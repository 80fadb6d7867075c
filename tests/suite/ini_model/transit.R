transit_chain <- function() {
  description <- "Absorption through a chain of transit compartments"
  ini({
    ln <- log(4)
    lmtt <- log(1.5)
    lka <- log(1.1)
    cl <- 6
    v <- 35
    bio <- 0.7
    eta.mtt ~ 0.1
    s <- 0.2
  })
  model({
    n <- exp(ln)
    mtt <- exp(lmtt + eta.mtt)
    ka <- exp(lka)
    f(depot) <- 0
    d/dt(depot) <- transit(n, mtt, bio) - ka * depot
    d/dt(central) <- ka * depot - cl / v * central
    cp <- central / v
    cp ~ prop(s)
  })
}
