# Ovarian tumors in mice under paclitaxel: growth that turns linear, damaged cells that die late.
# The loss of the drug from blood and its volume are examples.
simeoni_2004_paclitaxel <- function() {
  description <- "Tumor growth and its inhibition, xenografts in mice"
  reference <- "Simeoni 2004, Cancer Res 64(3):1094-1101, doi:10.1158/0008-5472.CAN-03-2524"
  units <- list(time = "day", dosing = "ng", concentration = "ng/mL")
  ini({
    l0 <- 0.311; label("Growth of a small tumor (1/day)")
    l1 <- 0.656; label("Growth of a large one (g/day)")
    psi <- fixed(20)
    k1 <- 0.968; label("Death of damaged cells, by stages (1/day)")
    k2 <- 0.000629; label("Potency of the drug (mL/ng/day)")
    w0 <- 0.05; label("Weight at the start, an example (g)")
    ke <- 5; label("Loss of the drug, an example (1/day)")
    v <- 20; label("Volume, an example (mL)")
    eta.w0 ~ 0.05
    s <- 0.1
  })
  model({
    cp <- drug / v
    weight <- growing + dying1 + dying2 + dying3
    growing(0) <- w0 * exp(eta.w0)
    d/dt(drug) <- -ke * drug
    d/dt(growing) <- l0 * growing / (1 + (l0 / l1 * weight)^psi)^(1 / psi) - k2 * cp * growing
    d/dt(dying1) <- k2 * cp * growing - k1 * dying1
    d/dt(dying2) <- k1 * (dying1 - dying2)
    d/dt(dying3) <- k1 * (dying2 - dying3)
    weight ~ prop(s)
  })
}
