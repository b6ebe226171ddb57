// Embeddings by OpenAI's own client: {url, requests: [parameters of embeddings.create()]} to a list of
// what it returns, or of {status, message, ...} of the errors that it throws.
const OpenAI = require("openai");

async function main({ url, requests }) {
  const client = new OpenAI({ baseURL: url, apiKey: "none", maxRetries: 0 });
  const answers = [];
  for (const request of requests) {
    try {
      answers.push(await client.embeddings.create(request));
    } catch (error) {
      answers.push({
        error: error.constructor.name, status: error.status, message: error.message, type: error.type,
      });
    }
  }
  const models = [];
  for await (const model of client.models.list()) models.push(model.id);
  console.log(JSON.stringify({ answers, models }));
}

main(JSON.parse(process.argv[2])).catch((error) => {
  console.error(error);
  process.exit(1);
});
