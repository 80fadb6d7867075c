enterohepatic <- function() {
  description <- "Bile collects and empties for an hour, 4 h after the start"
  ini({
    lka <- log(1)
    lcl <- log(3)
    lv <- log(20)
    lkb <- log(0.3)
    t_meal <- 4
    eta.cl ~ 0.09 | id
    s <- 0.1
  })
  model({
    ka <- exp(lka)
    cl <- exp(lcl)
    cl <- cl * exp(eta.cl)
    v <- exp(lv)
    kb <- exp(lkb)
    mtime(open) <- t_meal
    mtime(shut) <- t_meal + 1
    emptying <- 0
    if (t >= open && t < shut) {
      emptying <- 5
    }
    d/dt(gut) <- emptying * bile - ka * gut
    d/dt(central) <- ka * gut - (cl / v + kb) * central
    d/dt(bile) <- kb * central - emptying * bile
    cp <- central / v
    cp ~ prop(s)
  })
}
