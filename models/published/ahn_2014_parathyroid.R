# Parathyroid hormone after calcium by mouth: absorbed calcium stops its release.
# A column `occ` numbers the occasions, day 1 and day 7 in the paper.
ahn_2014_parathyroid <- function() {
  description <- "Hormone released less as calcium is absorbed, healthy adults"
  reference <- "Ahn 2014, Korean J Physiol Pharmacol 18(3):217-223, doi:10.4196/kjpp.2014.18.3.217"
  units <- list(time = "h", dosing = "1 is the reference dose", concentration = "pg/mL")
  ini({
    ka <- 0.796; label("Absorption rate (1/h)")
    kin.ca <- 3.41; label("Formation of ionized calcium (mmol/L/h)")
    kout.ca <- fixed(2.86); label("Its loss (1/h)")
    kin.pth <- 21.6; label("Formation of the hormone (pg/mL/h)")
    kout.pth <- 0.849; label("Its loss (1/h)")
    ec50 <- 0.158; label("Absorbed calcium that halves the formation (mmol/L)")
    carbonate <- 1.98; label("Absorbed from tablets, to that from water")
    eta.ka ~ 0.406
    eta.ca ~ 0.000229
    eta.pth ~ 0.0453
    iov.pth ~ 0.00969 | occ
    add.sd <- 0.0258
    prop.sd <- 0.21
  })
  model({
    # TABLET is 1 for tablets of the carbonate, 0 for spring water.
    into <- ka * exp(eta.ka)
    f(gut) <- 1 + (carbonate - 1) * TABLET
    d/dt(gut) <- -into * gut
    d/dt(absorbed) <- into * gut - kout.ca * absorbed
    blood(0) <- kin.ca * exp(eta.ca) / kout.ca
    d/dt(blood) <- kin.ca * exp(eta.ca) - kout.ca * blood
    released <- kin.pth * exp(eta.pth + iov.pth)
    pth(0) <- released / kout.pth
    d/dt(pth) <- released * (1 - absorbed / (ec50 + absorbed)) - kout.pth * pth
    calcium <- blood
    hormone <- pth
    calcium ~ add(add.sd)
    hormone ~ prop(prop.sd)
  })
}
