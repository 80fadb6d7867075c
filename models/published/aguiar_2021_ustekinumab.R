# Ustekinumab, its target, and calprotectin that free target lets rise.
aguiar_2021_ustekinumab <- function() {
  description <- "Target-mediated disposition in quasi-equilibrium; indirect response, formation stimulated"
  reference <- "Aguiar Zdovc 2021, Pharmaceutics 13(10):1587, doi:10.3390/pharmaceutics13101587"
  units <- list(time = "day", dosing = "nmol", concentration = "nmol/L")
  ini({
    ka <- 0.381; label("Absorption rate (1/day)")
    cl <- 0.277; label("Clearance (L/day)")
    vc <- 3.57; label("Central volume (L)")
    vp <- 3.3; label("Peripheral volume (L)")
    q <- 1.89; label("Flow between them (L/day)")
    lf <- logit(0.71); label("Part from under the skin")
    lf.vv <- logit(0.888); label("The same with two V alleles of FCGR3A")
    cl.ffm <- 0.598
    cl.albumin <- -0.0165
    cl.naive <- -0.227
    vc.ffm <- 0.59
    vp.ffm <- 0.586
    ksyn <- 9.86e-9; label("Formation of the target (nmol/L/day)")
    kdeg <- 9.26e-10; label("Its loss (1/day)")
    q.target <- 0.493; label("Its flow (L/day)")
    vp.target <- 11; label("Its peripheral volume (L)")
    syn.crp <- 0.0846
    kint <- 2.83e-6; label("Loss of the complex (1/day)")
    kd <- 0.168; label("Binding (nmol/L)")
    kout <- 0.0581; label("Loss of calprotectin (1/day)")
    fc0 <- 102; label("Calprotectin without ulcers (mg/kg)")
    fc0.ulcer <- 213; label("With ulcers (mg/kg)")
    emax <- 2.19; label("Largest rise of its formation")
    c50 <- 2.46; label("Free target at half of it (nmol/L)")
    eta.cl ~ 0.03188
    eta.vc ~ 0.00954
    eta.vp ~ 0.05645
    eta.f ~ 0.02993
    eta.ksyn ~ 0.68522
    eta.fc0 ~ 0.68309
    add.sd <- 4.55
    prop.sd <- 0.0777
    fc.sd <- 0.573
  })
  model({
    # FFM in kg, ALB in g/L, CRP in mg/L; NAIVE, VV and ULCER 1 or 0.
    clear <- cl * exp(eta.cl) * (FFM / 45)^cl.ffm * (1 + cl.albumin * (ALB - 43)) * (1 + cl.naive * NAIVE)
    v1 <- vc * exp(eta.vc) * (FFM / 45)^vc.ffm
    v2 <- vp * exp(eta.vp) * (FFM / 45)^vp.ffm
    f(skin) <- expit(lf * (1 - VV) + lf.vv * VV + eta.f)
    syn <- ksyn * exp(eta.ksyn) * (1 + syn.crp * (CRP - 3))
    t0 <- syn / kdeg

    total <- central / v1
    over <- total - target - kd
    free <- (over + sqrt(over^2 + 4 * kd * total)) / 2
    bound <- total - free
    left <- target - bound
    d/dt(skin) <- -ka * skin
    d/dt(central) <- ka * skin - (clear + q) * free + q / v2 * tissue - kint * bound * v1
    d/dt(tissue) <- q * free - q / v2 * tissue
    target(0) <- t0
    far(0) <- t0
    d/dt(target) <- syn - kdeg * left - kint * bound - q.target / v1 * (left - far)
    d/dt(far) <- q.target / vp.target * (left - far)

    start <- (fc0 * (1 - ULCER) + fc0.ulcer * ULCER) * exp(eta.fc0)
    kin <- kout * start / (1 + emax * t0 / (c50 + t0))
    fc(0) <- start
    d/dt(fc) <- kin * (1 + emax * left / (c50 + left)) - kout * fc
    cfree <- free
    calprotectin <- fc
    cfree ~ add(add.sd) + prop(prop.sd)
    calprotectin ~ prop(fc.sd)
  })
}
