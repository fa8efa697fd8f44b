// Short names between a program and its glue. wasm-bindgen names each import and export by what it is and 16 hex
// digits of a hash, in the wasm and again in its JavaScript: a few KB that do not pack, and nobody reads them.
import { number, Reader, section, sections } from './wasm.mjs';

const [IMPORTS, EXPORTS] = [2, 7];
/** Names that wasm-bindgen made; others, such as `memory`, stay. */
const MADE = /^(__wb|__externref|wasm_bindgen__)/;

/** The wasm and its glue with short names; fails where the glue does not give what the wasm imports. */
export function withShortNames(wasm, glue) {
  let [text, made] = [glue, 0];
  const shorten = (name, pattern, replacement) => {
    if (!MADE.test(name) || !pattern.test(text)) return name;
    const short = `_${(made++).toString(36)}`;
    text = text.replace(pattern, replacement(short));
    return short;
  };
  const imported = (name) => {
    const short = shorten(name, new RegExp(`^( +)${name}: `, 'm'), (short) => `$1${short}: `);
    if (short === name) throw new Error(`the glue gives no ${name}`);
    return short;
  };
  // What the glue does not call keeps its name.
  const exported = (name) => shorten(name, new RegExp(`\\bwasm\\.${name}\\b`, 'g'), (short) => `wasm.${short}`);
  const parts = sections(wasm).map(({ id, bytes }) => {
    if (id === IMPORTS) return section(id, renameImports(bytes, imported));
    if (id === EXPORTS) return section(id, renameExports(bytes, exported));
    return section(id, bytes);
  });
  return { wasm: Buffer.concat([wasm.subarray(0, 8), ...parts]), glue: text };
}

/** An import is a module's name, a name, and what it is: only functions may come from the glue. */
function renameImports(bytes, rename) {
  const reader = new Reader(bytes);
  const parts = [];
  const count = reader.number();
  for (let k = 0; k < count; k++) {
    parts.push(name(reader.name()), name(rename(reader.name())));
    const kind = reader.byte();
    if (kind !== 0) throw new Error(`an import is of kind ${kind}, and only functions are known here`);
    parts.push(Buffer.from([kind]), number(reader.number()));
  }
  return Buffer.concat([number(count), ...parts]);
}

/** An export is a name, a kind and an index. */
function renameExports(bytes, rename) {
  const reader = new Reader(bytes);
  const parts = [];
  const count = reader.number();
  for (let k = 0; k < count; k++) {
    parts.push(name(rename(reader.name())), Buffer.from([reader.byte()]), number(reader.number()));
  }
  return Buffer.concat([number(count), ...parts]);
}

function name(text) {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([number(bytes.length), bytes]);
}
