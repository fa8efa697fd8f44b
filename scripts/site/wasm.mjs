// Reading and writing the sections of a WebAssembly module.

/** The sections of a module, each with its number. */
export function sections(wasm) {
  const found = [];
  const reader = new Reader(wasm, 8);
  while (!reader.done()) {
    const id = reader.byte();
    found.push({ id, bytes: reader.bytes(reader.number()) });
  }
  return found;
}

/** A section as a module holds it. */
export function section(id, bytes) {
  return Buffer.concat([Buffer.from([id]), number(bytes.length), bytes]);
}

/** Reads bytes one after the other. */
export class Reader {
  constructor(bytes, at = 0) {
    [this.all, this.at] = [bytes, at];
  }

  done() {
    return this.at >= this.all.length;
  }

  byte() {
    return this.all[this.at++];
  }

  /** LEB128: seven bits a byte, the lowest first. */
  number() {
    let [value, scale, byte] = [0, 1, 0];
    do {
      byte = this.byte();
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte >= 128);
    return value;
  }

  bytes(length) {
    return this.all.subarray(this.at, this.at += length);
  }

  name() {
    return this.bytes(this.number()).toString('utf8');
  }
}

/** A number as LEB128. */
export function number(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return Buffer.from([...bytes, value]);
}
