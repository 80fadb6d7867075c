# Lines around the blocks as libraries of models have them, with "quotes" and 'apostrophes.
library_style <- function() {
  description <- "One person's \"effect\" model,
    told on two lines"
  reference <- paste(
    "A. Body and others (2002).",
    "A \"quoted\" title.",
    sep = " "
  )
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  replicate_of <- NULL
  covariateData <- list(
    WT = list(description = "Body weight", units = "kg", notes = paste("a", "b")),
    AGE = list(units = "years", reference_category = NULL)
  )
  population <- list(n_subjects = 46L, sex_female_pct = NA_real_, dose = 1e-3)
  ini({
    # block
    lcl <- log(0.05); label("Clearance (L/day)")  # table 2
    lvc <- log(2.8); label("Volume, \"central\" (L)")
    e_old <- -0.2
    t50 <- fixed(5.4)
    lka <- c(-5, log(0.25), 2)
    etalcl + etalvc ~ c(0.175,
                        0.116, 0.112)  # below its line
    etalka ~ fix(0.2)
    propSd <- c(0, sqrt(0.036)); label("Proportional")
    addSd <- 0.1
  })
  model({
    ripe <- WT^t50 / (WT^t50 + 3)
    old <- (AGE >= 65)
    cl <- exp(lcl + etalcl) * ripe * (WT / 70)^0.75 *
      (1 + e_old * old)
    vc <- exp(lvc + etalvc)
    ka <- exp(lka + etalka)
    kel <- cl / vc
    if (AGE < 1) kel <- kel * 2
    d/dt(depot) <- -ka * depot
    d/dt(central) <- ka * depot - kel * central
    d/dt(effect) = kel * (central / vc - effect);
    f(depot) <- 0.6
    alag(depot) <- 0.1
    depot(0) <- 0
    Cc <- central / vc
    lnC <- log(Cc + 1e-9)
    Cc ~ add(addSd) + prop(propSd)
    effect ~ add(addSd)
  })
}
