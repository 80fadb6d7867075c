effect_site <- function() {
  description <- "One compartment, effect site, sigmoid effect"
  ini({
    cl <- 5
    v <- 40
    ke0 <- 0.4
    e0 <- 60
    emax <- 30
    ec50 <- c(0.01, 0.8, 10)
    gam <- fixed(1.5)
    eta.e0 ~ 9
    prop.sd <- 0.1
    add.sd <- 3
  })
  model({
    d/dt(central) <- -cl / v * central
    cp <- central / v
    d/dt(site) <- ke0 * (cp - site)
    drive <- max(site, 0)^gam
    effect <- e0 + eta.e0 + emax * drive / (ec50^gam + drive)
    cp ~ prop(prop.sd) | cp
    effect ~ add(add.sd) | effect
  })
}
