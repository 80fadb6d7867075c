model({
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
if (t > 1) {
x <- 1
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
})
