circadian <- function() {
  description <- "Turnover whose formation follows the day"
  ini({
    lkin <- log(2); label("Mean formation")
    lkout <- log(c(0.05, 0.2, 1)); label("Loss")
    amp <- c(0, 0.6, 1)
    peak <- 8
    eta.kin ~ 0.04
    add.sd <- 0.3
  })
  model({
    kin <- exp(lkin + eta.kin)
    kout <- exp(lkout)
    rhythm <- 1 + amp * cos(2 * pi * (t - peak) / 24)
    level(0) <- kin / kout
    d/dt(level) <- kin * rhythm - kout * level
    measured <- level
    measured ~ add(add.sd)
  })
}
