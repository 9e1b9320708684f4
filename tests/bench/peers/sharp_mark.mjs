// The same job in sharp: resize to 2048, tile an SVG text over it, JPEG q80. Prints one time in milliseconds for each
// line read from standard input, so that runs interleave with the others'.
import readline from "node:readline";
import sharp from "sharp";

sharp.concurrency(1);
sharp.cache(false);
const [source, sizes] = [process.argv[2], JSON.parse(process.argv[3])];
const tile = Buffer.from(
  `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="240"><text x="20" y="150" font-size="44" font-family="sans-serif"
   fill="#fff" fill-opacity="0.4" transform="rotate(-25 200 120)">PROOF Anna Berzina</text></svg>`,
);
for await (const line of readline.createInterface({ input: process.stdin })) {
  const start = process.hrtime.bigint();
  const marked = await sharp(source).resize(2048).composite([{ input: tile, tile: true }]).jpeg({ quality: 80 }).toBuffer();
  for (const size of sizes) await sharp(marked).resize(size).jpeg({ quality: 80 }).toBuffer();
  console.log(Number(process.hrtime.bigint() - start) / 1e6);
}
