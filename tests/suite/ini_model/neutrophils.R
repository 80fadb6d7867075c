neutrophils <- function() {
  description <- "Cells that ripen through a chain, with feedback and a drug that kills"
  ini({
    cl <- 20
    v <- 50
    mtt <- 90
    circ0 <- 5
    slope <- 0.3
    gamma0 <- 0.16
    eta.circ ~ 0.1
    lambda <- 0.5
    add.sd <- 0.3
  })
  model({
    base <- circ0 * exp(eta.circ)
    ktr <- 4 / mtt
    d/dt(central) <- -cl / v * central
    kill <- slope * central / v
    prol(0) <- base
    ripe1(0) <- base
    ripe2(0) <- base
    ripe3(0) <- base
    circ(0) <- base
    back <- (base / circ)^gamma0
    d/dt(prol) <- ktr * prol * (1 - kill) * back - ktr * prol
    d/dt(ripe1) <- ktr * (prol - ripe1)
    d/dt(ripe2) <- ktr * (ripe1 - ripe2)
    d/dt(ripe3) <- ktr * (ripe2 - ripe3)
    d/dt(circ) <- ktr * (ripe3 - circ)
    cells <- circ
    cells ~ add(add.sd) + boxCox(lambda)
  })
}
