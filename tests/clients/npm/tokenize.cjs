// Tokens of texts by Hugging Face's tokenizers for JavaScript: {file, texts}, of a tokenizer.json and of a list of
// texts, to a list of {ids, text}: what they are with special tokens, and what the tokens say without.
const { readFileSync } = require("node:fs");
const { Tokenizer } = require("@huggingface/tokenizers");

const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const argument = JSON.parse(process.argv[2]);
const tokenizer = new Tokenizer(read(argument.file), {});
const options = { skip_special_tokens: true, clean_up_tokenization_spaces: false };
const answers = read(argument.texts).map((text) => {
  const { ids } = tokenizer.encode(text);
  return { ids, text: ids.length === 0 ? "" : tokenizer.decode(ids, options) };
});
process.stdout.write(JSON.stringify(answers));
