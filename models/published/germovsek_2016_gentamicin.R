# Gentamicin in the newborn: three compartments, size, age since conception and since birth.
germovsek_2016_gentamicin <- function() {
  description <- "Three compartments with allometry and maturation"
  reference <- "Germovsek 2016, Antimicrob Agents Chemother 60(8):4869-4877, doi:10.1128/AAC.00577-16"
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({
    lcl <- log(6.21); label("Clearance of a mature person of 70 kg (L/h)")
    lvc <- log(26.5); label("Central volume at 70 kg (L)")
    lq <- log(2.15); label("Flow to the first peripheral compartment (L/h)")
    lvp <- log(21.2); label("First peripheral volume (L)")
    lq2 <- log(0.271); label("Flow to the second (L/h)")
    lvp2 <- log(148); label("Second peripheral volume (L)")
    half.pma <- fixed(55.4); label("Age since conception at half of maturity (weeks)")
    hill.pma <- fixed(3.33)
    half.pna <- 1.7; label("Age since birth at half of its effect (days)")
    by.creatinine <- -0.13
    eta.cl + eta.vc ~ c(0.175, 0.116, 0.112)
    eta.vp ~ 0.132
    eta.vp2 ~ 0.177
    prop.sd <- sqrt(0.036)
    add.sd <- sqrt(0.0164)
  })
  model({
    # WT in kg, PMA in weeks, PNA in days, CREAT in umol/L.
    ripe <- PMA^hill.pma / (PMA^hill.pma + half.pma^hill.pma)
    born <- PNA / (half.pna + PNA)
    usual <- 166.48 - 2.8488 * PMA
    size <- WT / 70
    cl <- exp(lcl + eta.cl) * size^0.632 * ripe * born * (CREAT / usual)^by.creatinine
    vc <- exp(lvc + eta.vc) * size
    q <- exp(lq) * size^0.75
    vp <- exp(lvp + eta.vp) * size
    q2 <- exp(lq2) * size^0.75
    vp2 <- exp(lvp2 + eta.vp2) * size
    cp <- linCmt()
    cp ~ add(add.sd) + prop(prop.sd)
  })
}
