tumor <- function() {
  description <- "Growth that turns from exponential to linear, with a drug that kills"
  units <- list(time = "day", dosing = "mg")
  ini({
    l0 <- 0.12
    l1 <- 0.25
    psi <- fixed(20)
    w0 <- 0.1
    k1 <- 0.6
    k2 <- 0.003
    ke <- 1.5
    eta.w0 ~ 0.05
    s <- 0.1
    p <- 0.8
  })
  model({
    growing(0) <- w0 * exp(eta.w0)
    whole <- growing + dying1 + dying2
    d/dt(drug) <- -ke * drug
    d/dt(growing) <- l0 * growing / (1 + (l0 / l1 * whole)^psi)^(1 / psi) - k2 * drug * growing
    d/dt(dying1) <- k2 * drug * growing - k1 * dying1
    d/dt(dying2) <- k1 * (dying1 - dying2)
    weight <- whole
    weight ~ pow(s, p)
  })
}
