/** Whether PostgreSQL can keep a text as it is: NUL and half a surrogate pair it cannot. */
export const isStorable = (text: string): boolean => !text.includes("\0") && text.isWellFormed();
