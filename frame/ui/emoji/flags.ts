/** The flags of regions. Their names are the browser's, in its words for the language, so none have to be fetched. */
import type { Emoji } from './emoji.ts';

/** Regions that have a flag, by their ISO 3166 codes. */
const REGIONS =
  'AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CP CR CU CV CW CX CY CZ DE DG DJ DK DM DO DZ EA EC EE EG EH ER ES ET EU FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW';

/** The emoji of a flag is its region's code in letters of a kind of their own. */
const FIRST_LETTER = 0x1f1e6 - 'A'.charCodeAt(0);

/**
 * The flags of all regions, in the order of their names.
 *
 * @example
 * flags('de')[0]; // { char: '🇦🇫', name: 'Afghanistan', words: ['af'] }
 */
export function flags(language: string): Emoji[] {
  const names = new Intl.DisplayNames([language], { type: 'region' });
  return REGIONS.split(' ')
    .map((code) => ({
      char: String.fromCodePoint(...[...code].map((letter) => letter.charCodeAt(0) + FIRST_LETTER)),
      name: names.of(code) ?? code,
      words: [code.toLowerCase()],
    }))
    .sort((a, b) => a.name.localeCompare(b.name, language));
}
