michaelis <- function() {
  description <- "Saturable loss beside one that follows the kidney"
  ini({
    vmax <- c(0, 8, Inf)
    km <- c(0.1, 4, 50)
    v <- 45
    clr <- 0.5
    eta.vmax ~ 0.05
    prop.sd <- 0.1
    add.sd <- 0.2
  })
  model({
    linear(CRCL)
    nocb(WT)
    midpoint(AGE)
    loss <- vmax * exp(eta.vmax) * (WT / 70)^0.75
    renal <- clr * CRCL / 90 * (40 / AGE)^0.1
    cp <- central / v
    d/dt(central) <- -loss * cp / (km + cp) - renal * cp
    cp ~ add(add.sd) + prop(prop.sd) + combined2()
  })
}
