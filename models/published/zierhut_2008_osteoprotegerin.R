# Fc-osteoprotegerin and what bone gives off: the drug stops the formation of the marker.
zierhut_2008_osteoprotegerin <- function() {
  description <- "Three compartments with saturable loss; indirect response, formation inhibited"
  reference <- "Zierhut 2008, J Pharmacokinet Pharmacodyn 35(4):379-399, doi:10.1007/s10928-008-9093-5"
  units <- list(time = "h", dosing = "mg", concentration = "ng/mL")
  ini({
    ka <- 0.0131; label("Absorption rate (1/h)")
    cl <- 168; label("Linear clearance (mL/h)")
    vc <- 2800; label("Central volume (mL)")
    vp <- 443; label("First peripheral volume (mL)")
    vp2 <- 269; label("Second peripheral volume (mL)")
    q <- 15.5; label("Flow to the first (mL/h)")
    q2 <- 3.02; label("Flow to the second (mL/h)")
    vmax <- 13300; label("Largest saturable loss (ng/h)")
    km <- 6.74; label("Concentration of half of it (ng/mL)")
    odds <- 0.0719; label("Odds of reaching the blood from under the skin")
    formation <- 0.864; label("Formation of the marker (nM/mM/h)")
    loss <- 0.0204; label("Its loss (1/h)")
    ic50 <- 5.38; label("Concentration that halves its formation (ng/mL)")
    eta.cl ~ 0.0391
    eta.vc ~ 0.0102
    eta.vp ~ 0.0144
    eta.vp2 ~ 0.0333
    eta.q ~ 0.0379
    eta.ka ~ 0.0457
    eta.odds ~ 0.263
    eta.formation + eta.loss + eta.ic50 ~ c(0.281, 0.0867, 0.0325, 0, 0, 1.18)
    exp.sd <- sqrt(0.0193)
    add.sd <- sqrt(20.7)
    prop.sd <- sqrt(0.0407)
  })
  model({
    out <- cl * exp(eta.cl)
    v <- vc * exp(eta.vc)
    v1 <- vp * exp(eta.vp)
    v2 <- vp2 * exp(eta.vp2)
    there <- q * exp(eta.q)
    chance <- odds * exp(eta.odds)
    uptake <- ka * exp(eta.ka)
    # mg in mL as ng/mL
    cp <- central / v * 1e6
    f(skin) <- chance / (1 + chance)
    d/dt(skin) <- -uptake * skin
    d/dt(central) <- uptake * skin - (out + vmax / (km + cp)) / v * central -
        there * (central / v - tissue1 / v1) - q2 * (central / v - tissue2 / v2)
    d/dt(tissue1) <- there * (central / v - tissue1 / v1)
    d/dt(tissue2) <- q2 * (central / v - tissue2 / v2)
    kin <- formation * exp(eta.formation)
    kout <- loss * exp(eta.loss)
    marker(0) <- kin / kout
    d/dt(marker) <- kin * (1 - cp / (ic50 * exp(eta.ic50) + cp)) - kout * marker
    ntx <- marker
    cp ~ lnorm(exp.sd)
    ntx ~ add(add.sd) + prop(prop.sd) + combined1()
  })
}
