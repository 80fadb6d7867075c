indirect <- function() {
  description <- "A drug that slows the formation of a response"
  units <- list(time = "hour", dosing = "mg", concentration = "mg/L")
  ini({
    ka <- 0.8; label("Absorption rate (1/h)")
    cl <- 3; label("Clearance (L/h)")
    v <- 30; label("Volume (L)")
    kin <- 5
    kout <- fixed(0.25)
    imax <- fixed(0, 0.9, 1)
    ic50 <- c(0.001, 0.5)
    eta.v + eta.cl ~ c(0.04, 0.01, 0.09)
    add.sd <- 1
  })
  model({
    volume <- v * exp(eta.v)
    d/dt(depot) <- -ka * depot
    d/dt(central) <- ka * depot - cl * exp(eta.cl) / volume * central
    cp <- central / volume
    response(0) <- kin / kout
    d/dt(response) <- kin * (1 - imax * cp / (ic50 + cp)) - kout * response
    response ~ add(add.sd)
  })
}
