/**
 * What `npm run audit` decides: which packages are shipped, which of the faults that are known are in them, and how long the service that knows them may
 * be silent. It asks nobody and writes nothing; audit.mjs does.
 */

/** In CI the run fails once the last answer is so old. Generous: a registry that cannot be asked says nothing about our packages. */
export const SILENT_DAYS = 90;

/**
 * @typedef {{ dependencies?: Record<string, string>, optionalDependencies?: Record<string, string>, peerDependencies?: Record<string, string>, peerDependenciesMeta?: Record<string, { optional?: boolean }> }} Locked
 * @typedef {{ vulnerabilities?: Record<string, { severity: string, nodes: string[] }> }} Report of `npm audit --json`
 *
 * @typedef {object} State what scripts/audit.json keeps
 * @property {string | null} answered the day of the last answer, `2026-11-29`; null while there never was one
 * @property {string} since the day from which silence is counted while there is no answer
 *
 * @typedef {object} Verdict
 * @property {string[]} lines the lines to print
 * @property {boolean} isRed
 * @property {State | undefined} state to be kept from now on; undefined: as it was
 */

/**
 * Packages that sources import by name, each once: what the bundler puts into what browsers get.
 * @param {Iterable<string>} sources
 */
export function importedPackages(sources) {
  const names = new Set();
  for (const source of sources) {
    for (const [, name = ''] of source.matchAll(/\b(?:from|import)\s*\(?\s*'((?:@[\w.-]+\/)?[\w-][\w.-]*)(?:\/[^']*)?'/g))
      if (!name.startsWith('node:')) names.add(name);
  }
  return [...names].sort();
}

/**
 * Places in package-lock.json of all that is shipped: what the server depends on and what browsers get, with whatever these need.
 * @param {{ packages: Record<string, Locked> }} lock
 * @param {readonly string[]} bundled
 * @returns {Set<string>}
 */
export function shippedPlaces({ packages }, bundled) {
  const shipped = new Set();
  /** @param {string} from @param {string} name */
  const visit = (from, name) => {
    // As Node looks: in the folder of who asks, then further out.
    for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
      const place = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
      const found = packages[place];
      if (found !== undefined) {
        if (shipped.has(place)) return;
        shipped.add(place);
        const peers = Object.keys(found.peerDependencies ?? {}).filter((peer) => found.peerDependenciesMeta?.[peer]?.optional !== true);
        for (const needed of [...Object.keys({ ...found.dependencies, ...found.optionalDependencies }), ...peers]) visit(place, needed);
        return;
      }
      // Optional, and not for this machine.
      if (folder === '') return;
    }
  };
  const root = packages[''] ?? {};
  for (const name of [...Object.keys({ ...root.dependencies, ...root.optionalDependencies }), ...bundled]) visit('', name);
  return shipped;
}

/**
 * @param {object} given
 * @param {Report | undefined} given.report undefined: the service gave no answer
 * @param {ReadonlySet<string>} given.shipped
 * @param {State | undefined} given.state undefined: it could not be read
 * @param {string} given.today
 * @param {boolean} given.isCi
 * @returns {Verdict}
 */
export function judge({ report, shipped, state, today, isCi }) {
  if (report?.vulnerabilities === undefined) return judgeSilence(state, today, isCi);
  const known = Object.entries(report.vulnerabilities);
  const ours = known.filter(([, { nodes }]) => nodes.some((place) => shipped.has(place)));
  const grave = ours.filter(([, { severity }]) => severity === 'high' || severity === 'critical');
  const lines = [
    `Audit: ${ours.length} known faults in the ${shipped.size} packages that are shipped, ${grave.length} of them high or critical; ${known.length - ours.length} in tools.`,
  ];
  if (grave.length > 0)
    return {
      lines: [...lines, `High or critical: ${grave.map(([name]) => name).join(', ')}. See: npm audit`],
      isRed: true,
      state: undefined,
    };
  return { lines, isRed: false, state: { answered: today, since: today } };
}

/**
 * @param {State | undefined} state @param {string} today @param {boolean} isCi
 * @returns {Verdict}
 */
function judgeSilence(state, today, isCi) {
  const lines = ['Audit: the service gave no answer; known faults were NOT checked in this run.'];
  const remedy = 'Run `npm run audit` where the registry answers, and commit scripts/audit.json.';
  const from = state?.answered ?? state?.since;
  const days = from === undefined ? NaN : Math.round((Date.parse(today) - Date.parse(from)) / 86_400_000);
  if (Number.isNaN(days))
    return {
      lines: [
        ...lines,
        `scripts/audit.json does not say when it last answered: expected {"answered": "2026-11-29" or null, "since": "2026-11-29"}. ${remedy}`,
      ],
      isRed: isCi,
      state: undefined,
    };
  const isRed = isCi && days > SILENT_DAYS;
  const last = (state?.answered ?? null) === null ? `It has not answered since ${from}` : `It last answered on ${from}`;
  return {
    lines: [...lines, `${last}, ${days} days ago. ${isRed ? 'That is too long.' : `After ${SILENT_DAYS} days CI fails.`} ${remedy}`],
    isRed,
    state: undefined,
  };
}
