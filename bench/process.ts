/** What a running process costs, as the system counts it (Linux). */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessFigures {
  /** Seconds of processor it has used. */
  cpuSeconds(): number;
  /** Memory it holds. */
  residentMb(): number;
  /** Files, sockets and the like that it has open. */
  descriptors(): number;
}

export function figuresOf(pid: number): ProcessFigures {
  const read = (file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');
  return {
    cpuSeconds() {
      // Fields 14 and 15 after the name in parentheses, in ticks of 10 ms.
      const fields = read('stat').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    residentMb: () => Number(/^VmRSS:\s+(\d+)/m.exec(read('status'))?.[1]) / 1024,
    descriptors: () => readdirSync(`/proc/${pid}/fd`).length,
  };
}
