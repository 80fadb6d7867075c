# Four markers under sunitinib: loss of one inhibited, formation of three; two drift with disease.
hansson_2013_sunitinib <- function() {
  description <- "Indirect responses: loss inhibited, formation inhibited"
  reference <- "Hansson 2013, CPT Pharmacometrics Syst Pharmacol 2(11):e84, doi:10.1038/psp.2013.61"
  units <- list(time = "h", concentration = "pg/mL")
  ini({
    base.vegf <- 59.7; label("VEGF (pg/mL)")
    mrt.vegf <- 91; label("Its mean residence time (h)")
    hill.vegf <- 3.31
    base.r2 <- 8670; label("sVEGFR-2 (pg/mL)")
    mrt.r2 <- 554; label("Its mean residence time (h)")
    hill.r2 <- 1.54
    base.r3 <- 63900; label("sVEGFR-3 (pg/mL)")
    mrt.r3 <- 401; label("Its mean residence time (h)")
    base.kit <- 39200; label("sKIT (pg/mL)")
    mrt.kit <- 2430; label("Its mean residence time (h)")
    ic50 <- 1; label("Area under the curve of half of the effect (mg*h/L)")
    drift <- 3.5e-5; label("Rise of VEGF and sKIT with disease (1/h)")
    eta.vegf ~ 0.252
    eta.r2 ~ 0.0369
    eta.r3 ~ 0.186
    eta.kit ~ 0.254
    eta.mrt ~ 0.06
    eta.mrt.kit ~ 0.0753
    eta.ic.vegf + eta.ic.r2 + eta.ic.r3 + eta.ic.kit ~ c(0.253, 0.198, 0.189, 0.238, 0.252, 0.398, 0.218, 0.297, 0.936, 5.77)
    eta.drift.vegf ~ 2.95
    eta.drift.kit ~ 3.01
    sd.vegf <- 0.445
    sd.r2 <- 0.12
    add.r2 <- 583
    sd.r3 <- 0.22
    sd.kit <- 0.224
  })
  model({
    # DOSE of the day in mg, CL of the person in L/h.
    auc <- DOSE / CL
    in.vegf <- base.vegf * exp(eta.vegf)
    in.r2 <- base.r2 * exp(eta.r2)
    in.r3 <- base.r3 * exp(eta.r3)
    in.kit <- base.kit * exp(eta.kit)
    out.vegf <- 1 / (mrt.vegf * exp(eta.mrt))
    out.r2 <- 1 / (mrt.r2 * exp(eta.mrt))
    out.r3 <- 1 / (mrt.r3 * exp(eta.mrt))
    out.kit <- 1 / (mrt.kit * exp(eta.mrt.kit))
    on.vegf <- auc^hill.vegf / ((ic50 * exp(eta.ic.vegf))^hill.vegf + auc^hill.vegf)
    on.r2 <- auc^hill.r2 / ((ic50 * exp(eta.ic.r2))^hill.r2 + auc^hill.r2)
    on.r3 <- auc / (ic50 * exp(eta.ic.r3) + auc)
    on.kit <- auc / (ic50 * exp(eta.ic.kit) + auc)
    vegf(0) <- in.vegf
    r2(0) <- in.r2
    r3(0) <- in.r3
    kit(0) <- in.kit
    d/dt(vegf) <- out.vegf * (in.vegf * (1 + drift * exp(eta.drift.vegf) * t) - (1 - on.vegf) * vegf)
    d/dt(r2) <- out.r2 * (in.r2 * (1 - on.r2) - r2)
    d/dt(r3) <- out.r3 * (in.r3 * (1 - on.r3) - r3)
    d/dt(kit) <- out.kit * (in.kit * (1 + drift * exp(eta.drift.kit) * t) * (1 - on.kit) - kit)
    c.vegf <- vegf
    c.r2 <- r2
    c.r3 <- r3
    c.kit <- kit
    c.vegf ~ prop(sd.vegf)
    c.r2 ~ add(add.r2) + prop(sd.r2)
    c.r3 ~ prop(sd.r3)
    c.kit ~ prop(sd.kit)
  })
}
