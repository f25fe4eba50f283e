/** How the coverage of a look says that a database was left out since Pilothouse made it, or set it aside. */
export const copyMadeHere = 'left out, a copy made here';
