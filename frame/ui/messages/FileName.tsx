/** A file's name on one line. Where it is too long the middle goes, so that the kind of the file stays in sight. */

/** As many signs at the end always stay. */
const TAIL = 9;

export function FileName({ name }: { name: string }) {
  const signs = [...name];
  const head = signs.slice(0, -TAIL).join('');
  return (
    <b class="filename" dir="auto" title={name}>
      {head !== '' && <span>{head}</span>}
      <span>{signs.slice(-TAIL).join('')}</span>
    </b>
  );
}
