/** One step of the database's shape. */
export interface Migration {
  /** 1, 2, 3 … without holes. */
  version: number;
  name: string;
  sql: string;
}
