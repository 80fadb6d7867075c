# Meropenem in adults: clearance by age and kidney function.
li_2006_meropenem <- function() {
  description <- "Two compartments with covariates"
  reference <- "Li 2006, J Clin Pharmacol 46(10):1171-1178, doi:10.1177/0091270006291035"
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({
    lcl <- log(14.6); label("Clearance at 35 years and 83 mL/min (L/h)")
    lvc <- log(10.8); label("Central volume at 70 kg (L)")
    lq <- log(18.6); label("Flow (L/h)")
    lvp <- log(12.6); label("Peripheral volume (L)")
    by.age <- -0.34
    by.kidney <- fixed(0.62)
    by.weight <- 0.99
    eta.cl ~ 0.118
    eta.vc ~ 0.143
    eta.q ~ 0.29
    eta.vp ~ 0.102
    prop.sd <- 0.19
    add.sd <- 0.47
  })
  model({
    cl <- exp(lcl + eta.cl) * (AGE / 35)^by.age * (CRCL / 83)^by.kidney
    vc <- exp(lvc + eta.vc) * (WT / 70)^by.weight
    q <- exp(lq + eta.q)
    vp <- exp(lvp + eta.vp)
    cp <- linCmt()
    cp ~ add(add.sd) + prop(prop.sd)
  })
}
