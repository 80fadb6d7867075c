# Alemtuzumab in leukemia: the cells it kills are also what clears it.
mould_2007_alemtuzumab <- function() {
  description <- "Two compartments with saturable loss; indirect response, loss stimulated"
  reference <- "Mould 2007, Br J Clin Pharmacol 64(3):278-291, doi:10.1111/j.1365-2125.2007.02914.x"
  units <- list(time = "h", dosing = "mg", concentration = "mg/L")
  ini({
    vmax <- 1020; label("Largest loss at 10 * 10^9 cells/L (ug/h)")
    km <- 338; label("Concentration of half of it (ug/L)")
    vc <- 11.3; label("Central volume (L)")
    q <- 1.05; label("Flow (L/h)")
    vp <- 41.5; label("Peripheral volume (L)")
    by.cells <- 0.194
    emax <- 18.2; label("Largest rise of the loss of cells")
    ec50 <- 306; label("Concentration of half of it (ug/L)")
    kin <- 1.56; label("Formation of cells (10^9/L/h)")
    kout <- 0.029; label("Their loss (1/h)")
    eta.vmax ~ log(1 + 0.32^2)
    eta.km ~ log(1 + 1.45^2)
    eta.vc ~ log(1 + 0.84^2)
    eta.vp ~ log(1 + 1.79^2)
    eta.emax ~ log(1 + 2.44^2)
    eta.ec50 ~ log(1 + 7.75^2)
    eta.kin ~ log(1 + 1.72^2)
    prop.sd <- 0.372
    add.sd <- 0.06473
    cells.sd <- 15.6
  })
  model({
    v <- vc * exp(eta.vc)
    vt <- vp * exp(eta.vp)
    cp <- central / v
    made <- kin * exp(eta.kin)
    cells(0) <- made / kout
    most <- vmax / 1000 * exp(eta.vmax) * (cells / 10)^by.cells
    d/dt(central) <- -most * cp / (km / 1000 * exp(eta.km) + cp) - q / v * central + q / vt * tissue
    d/dt(tissue) <- q / v * central - q / vt * tissue
    killing <- emax * exp(eta.emax) * cp / (ec50 / 1000 * exp(eta.ec50) + cp)
    d/dt(cells) <- made - kout * (1 + killing) * cells
    leukocytes <- cells
    cp ~ add(add.sd) + prop(prop.sd)
    leukocytes ~ add(cells.sd)
  })
}
