// What all peers are told by the environment, as the bench server is: PORT, HOST.

export const port = Number(process.env.PORT ?? 3000);
export const host = process.env.HOST ?? '127.0.0.1';

/** No compression, as by default and as in Chorus. */
export const options = { serveClient: false, perMessageDeflate: false };

export const ready = () => console.log(`READY ${port}`);
