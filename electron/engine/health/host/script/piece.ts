/** One thing that the script looks at. */
export interface Piece {
  id: string;
  /** A condition of the shell; where it does not hold the piece is left out, which says that there is nothing of the kind. */
  when?: string;
  /** Commands of a POSIX shell without any but what dash and BusyBox have. What they print is what the checks read, and how the last one ends, too. Standard error is thrown away unless a piece wants it. */
  run: string;
}
