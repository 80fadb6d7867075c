# Propofol and how deep people sleep: the brain follows the blood with a delay.
przybylowski_2015_propofol <- function() {
  description <- "Three compartments, effect compartment, sigmoid effect"
  reference <- "Przybylowski 2015, J Pharmacokinet Pharmacodyn 42(3):111-122, doi:10.1007/s10928-015-9404-6"
  units <- list(time = "minute", dosing = "mg", concentration = "mg/L")
  ini({
    vc <- 5.11; label("Central volume (L)")
    cl <- 2.38; label("Clearance (L/min)")
    v1 <- 14.2; label("First peripheral volume (L)")
    q1 <- 1.17; label("Flow to it (L/min)")
    v2 <- 189; label("Second peripheral volume (L)")
    q2 <- 0.608; label("Flow to it (L/min)")
    awake <- fixed(87); label("Index of a person awake")
    ce50 <- 1.4; label("Concentration that halves the index (mg/L)")
    hill <- 2.76
    ke0 <- 0.103; label("Equilibration with the effect compartment (1/min)")
    eta.vc ~ log(1 + 0.733^2)
    eta.cl ~ log(1 + 0.217^2)
    eta.q2 ~ log(1 + 0.593^2)
    eta.ce50 ~ log(1 + 0.256^2)
    eta.hill ~ log(1 + 0.399^2)
    eta.ke0 ~ log(1 + 0.434^2)
    prop.sd <- 0.3
    index.add <- sqrt(0.553)
    index.prop <- 0.318
  })
  model({
    v <- vc * exp(eta.vc)
    deep <- q2 * exp(eta.q2)
    cp <- central / v
    d/dt(central) <- -cl * exp(eta.cl) * cp - q1 * (cp - near / v1) - deep * (cp - far / v2)
    d/dt(near) <- q1 * (cp - near / v1)
    d/dt(far) <- deep * (cp - far / v2)
    d/dt(site) <- ke0 * exp(eta.ke0) * (cp - site)
    steep <- hill * exp(eta.hill)
    drive <- max(site, 0)^steep
    index <- awake * (1 - drive / ((ce50 * exp(eta.ce50))^steep + drive))
    cp ~ prop(prop.sd)
    index ~ add(index.add) + prop(index.prop)
  })
}
