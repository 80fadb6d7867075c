# Leukocytes after paclitaxel: cells ripen through a chain, the drug stops some from dividing, and
# too few cells in blood speed the division of others.
friberg_2002_paclitaxel <- function() {
  description <- "Myelosuppression by paclitaxel"
  reference <- "Friberg 2002, J Clin Oncol 20(24):4713-4721, doi:10.1200/JCO.2002.02.140"
  units <- list(time = "h", dosing = "umol", concentration = "umol/L")
  ini({
    base <- 7.21; label("Leukocytes before treatment (10^9/L)")
    transit <- 124; label("Mean time from division to blood (h)")
    slope <- 28.9; label("Effect of the drug on division (L/umol)")
    feedback <- 0.239; label("Exponent of the feedback")
    eta.base ~ 0.107
    eta.transit ~ 0.0296
    eta.slope ~ 0.176
    prop.sd <- 0.286
  })
  model({
    # What one person's drug does is given with the person: clearance and both volumes.
    cp <- central / V1
    d/dt(central) <- -(CL + 204) / V1 * central + 204 / V2 * tissue
    d/dt(tissue) <- 204 / V1 * central - 204 / V2 * tissue

    start <- base * exp(eta.base)
    ripening <- 4 / (transit * exp(eta.transit))
    dividing(0) <- start
    ripe1(0) <- start
    ripe2(0) <- start
    ripe3(0) <- start
    cells(0) <- start
    division <- ripening * (1 - slope * exp(eta.slope) * cp) * (start / cells)^feedback
    d/dt(dividing) <- (division - ripening) * dividing
    d/dt(ripe1) <- ripening * (dividing - ripe1)
    d/dt(ripe2) <- ripening * (ripe1 - ripe2)
    d/dt(ripe3) <- ripening * (ripe2 - ripe3)
    d/dt(cells) <- ripening * (ripe3 - cells)
    leukocytes <- cells
    leukocytes ~ prop(prop.sd)
  })
}
