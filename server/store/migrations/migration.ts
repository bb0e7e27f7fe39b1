/** One step of the database's shape. */
export interface Migration {
  /** 1, 2, 3 … without holes. */
  version: number;
  name: string;
  /** For SQLite. */
  sql: string;
}

/** The same step for PostgreSQL, whose first one has the shape that SQLite came to by many. */
export interface PostgresMigration {
  version: number;
  name: string;
  postgres: string;
}
