maturation <- function() {
  description <- "Clearance grows with size and matures with age"
  ini({
    tvcl <- 6
    tvv <- 40
    tm50 <- 0.9
    hill <- 3.4
    lf <- logit(0.8)
    eta.f ~ 0.1
    s <- c(0, 0.15)
  })
  model({
    pma <- AGE + 0.75
    ripe <- pma^hill / (pma^hill + tm50^hill)
    if (AGE < 1 & WT < 12) {
      form <- 0.8
    } else if (AGE < 18) {
      form <- 0.9
    } else {
      form <- 1
    }
    cl <- tvcl * ripe * (WT / 70)^0.75
    v <- tvv * (WT / 70)
    f(depot) <- expit(lf + eta.f, 0, 1) * form
    d/dt(depot) <- -1.2 * depot
    d/dt(central) <- 1.2 * depot - cl / v * central
    cp <- central / v
    cp ~ prop(s)
  })
}
