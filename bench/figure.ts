/** One line of the benchmark's table: the shape in which every measurement returns what it found. */
export interface Figure {
  what: string;
  value: string;
  /** What we aim for, in words. */
  aim: string;
}
