quasi_steady <- function() {
  description <- "A drug that its target binds and clears"
  ini({
    cl <- 0.02
    v <- 3
    kint <- 0.05
    kdeg <- 0.03
    r0 <- 4
    kss <- 0.5
    eta.r0 ~ 0.2
    add.sd <- 0.1
    prop.sd <- 0.15
  })
  model({
    ksyn <- r0 * exp(eta.r0) * kdeg
    total(0) <- r0 * exp(eta.r0)
    ctot <- drug / v
    rest <- ctot - total - kss
    free <- (rest + sqrt(rest^2 + 4 * kss * ctot)) / 2
    d/dt(drug) <- -cl * free - kint * total * free / (kss + free) * v
    d/dt(total) <- ksyn - kdeg * total - (kint - kdeg) * total * free / (kss + free)
    cfree <- free
    cfree ~ add(add.sd) + prop(prop.sd) + combined1()
  })
}
