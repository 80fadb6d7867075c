# Dupilumab: a saturable loss to the target beside a linear one.
kovalenko_2016_dupilumab <- function() {
  description <- "Two compartments, linear and Michaelis-Menten loss, absorption under the skin"
  reference <- "Kovalenko 2016, CPT Pharmacometrics Syst Pharmacol 5(11):617-624, doi:10.1002/psp4.12136"
  units <- list(time = "day", dosing = "mg", concentration = "mg/L")
  ini({
    lv <- log(2.74); label("Central volume at 75 kg (L)")
    lk <- log(0.0459); label("Linear loss (1/day)")
    there <- 0.0652; label("To the peripheral compartment (1/day)")
    back <- 0.129; label("And back (1/day)")
    lka <- log(0.254); label("Absorption rate (1/day)")
    lvm <- log(0.968); label("Largest saturable loss (mg/L/day)")
    km <- fixed(0.01); label("Concentration of half of it (mg/L)")
    bio <- 0.607; label("Fraction that reaches the blood from under the skin")
    by.weight <- 0.705
    eta.v ~ 0.0225
    eta.k ~ 0.131
    eta.ka ~ 0.251
    eta.vm ~ 0.0428
    prop.sd <- 0.242
    add.sd <- fixed(0.03)
  })
  model({
    v <- exp(lv + eta.v) * (WT / 75)^by.weight
    k <- exp(lk + eta.k)
    ka <- exp(lka + eta.ka)
    vm <- exp(lvm + eta.vm)
    cp <- central / v
    f(skin) <- bio
    d/dt(skin) <- -ka * skin
    d/dt(central) <- ka * skin - (k + there) * central + back * tissue - vm * v * cp / (km + cp)
    d/dt(tissue) <- there * central - back * tissue
    cp ~ add(add.sd) + prop(prop.sd)
  })
}
