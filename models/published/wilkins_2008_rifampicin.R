# Oral rifampicin in tuberculosis: transit compartments before first-order absorption.
# A column `occ` numbers the occasions.
wilkins_2008_rifampicin <- function() {
  description <- "One compartment behind a chain of transit compartments"
  reference <- "Wilkins 2008, Antimicrob Agents Chemother 52(6):2138-2148, doi:10.1128/AAC.00461-07"
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({
    lcl <- log(19.2); label("Apparent clearance (L/h)")
    lv <- log(53.2); label("Apparent volume (L)")
    lka <- log(1.15); label("Absorption rate (1/h)")
    lmtt <- log(0.424); label("Mean transit time (h)")
    ln <- log(7.13); label("Number of transit compartments")
    single.mtt <- 1.04; label("Longer transit of tablets with one drug")
    single.cl <- 0.236; label("Larger clearance with such tablets")
    eta.cl + eta.v ~ c(0.279, 0.217, 0.188)
    eta.ka ~ 0.439
    eta.mtt ~ 0.361
    eta.n ~ 2.44
    iov.cl ~ 0.0508 | occ
    iov.mtt ~ 0.461 | occ
    add.sd <- 0.0923
    prop.sd <- 0.222
  })
  model({
    # FDC is 1 for tablets that combine several drugs.
    single <- 1 - FDC
    cl <- exp(lcl + eta.cl + iov.cl) * (1 + single.cl * single)
    v <- exp(lv + eta.v)
    ka <- exp(lka + eta.ka)
    mtt <- exp(lmtt + eta.mtt + iov.mtt) * (1 + single.mtt * single)
    n <- exp(ln + eta.n)
    f(depot) <- 0
    d/dt(depot) <- transit(n, mtt) - ka * depot
    d/dt(central) <- ka * depot - cl / v * central
    cp <- central / v
    cp ~ add(add.sd) + prop(prop.sd)
  })
}
