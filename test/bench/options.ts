/** What the command line of the benches can say; every bench gets it. */
export interface Options {
  /** Fewer rounds and shorter windows: for a first look, not for a figure to quote. */
  quick: boolean
}
