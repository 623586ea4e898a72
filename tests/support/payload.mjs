// Payloads of Engine.IO's two revisions: packets in one body. A packet is a string, or in revision 3 a Buffer that
// begins with its type.

const SEPARATOR = '\x1e';
const STRING_MARK = 0;
const DIGITS_END = 255;

const revision4 = {
  encode: (packets) => packets.join(SEPARATOR),
  decode: (body) => body.toString().split(SEPARATOR),
};

const revision3 = {
  encode: (packets) => packets.map((packet) => `${packet.length}:${packet}`).join(''),

  decode(body, type) {
    return type === 'application/octet-stream' ? decodeBinary(body) : decodeText(body.toString());
  },
};

function decodeText(text) {
  const packets = [];
  for (let at = 0; at < text.length;) {
    const colon = text.indexOf(':', at);
    const length = Number(text.slice(at, colon));
    packets.push(text.slice(colon + 1, colon + 1 + length));
    at = colon + 1 + length;
  }
  return packets;
}

function decodeBinary(body) {
  const packets = [];
  for (let at = 0; at < body.length;) {
    const end = body.indexOf(DIGITS_END, at);
    const length = Number(body.subarray(at + 1, end).join(''));
    const packet = body.subarray(end + 1, end + 1 + length);
    packets.push(body[at] === STRING_MARK ? packet.toString() : Buffer.from(packet));
    at = end + 1 + length;
  }
  return packets;
}

/** A POST's body with binary packets among them. */
export function encodeBinary(packets) {
  return Buffer.concat(packets.flatMap((packet) => {
    const isText = typeof packet === 'string';
    const bytes = Buffer.from(packet);
    return [Buffer.from([isText ? STRING_MARK : 1, ...String(bytes.length).split('').map(Number), DIGITS_END]), bytes];
  }));
}

export const payloads = { 3: revision3, 4: revision4 };
