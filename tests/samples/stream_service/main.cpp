// A streaming service on the kit: one language model behind two APIs on one port.
//
//   POST /v1/chat/completions   {"messages": [...], "max_tokens": N}   events, as OpenAI's
//   POST /api/generate          {"prompt": text, "max_tokens": N}      lines, as Ollama's

#include "dialects.hpp"
#include "http/json_body.hpp"
#include "services/kit/app.hpp"
#include "services/kit/options.hpp"

namespace {

namespace json = boost::json;
namespace kit = npu::kit;
using npu::ErrorCode;
using npu::fail;
using npu::Result;
using npu::Status;
using npu::http::Request;
using npu::http::Response;
using npu::http::StreamWriter;
using Answer = kit::awaitable<Result<Response>>;

// What the model is given: the body's field `prompt_field`, and how long its answer may be.
Result<npu::InferInput> input_of(const Request& request, std::string_view prompt_field) {
  const auto body = npu::http::parse_json(request.body);
  if (!body) return fail(body.error());
  if (!body->is_object()) return fail(ErrorCode::kInvalidArgument, "the body must be an object");
  int max_tokens = 100;
  kit::Fields fields(body->get_object());
  fields.number("max_tokens", max_tokens, {.min = 1, .max = 100'000});
  if (const auto right = fields.status(); !right) return fail(right.error());
  auto prompt = fields.value(prompt_field);
  if (!prompt) {
    return fail(ErrorCode::kInvalidArgument, std::string(prompt_field) + " is missing");
  }
  npu::InferInput input;
  input.field("prompt", std::move(*prompt)).field("max_generated_tokens", max_tokens);
  return input;
}

kit::awaitable<Status> send_event(StreamWriter& out, const json::value& chunk) {
  const std::string text = json::serialize(chunk);
  const npu::http::SseEvent event{.data = text};
  co_return co_await write_sse(out, event);
}

kit::awaitable<Status> chat(kit::ModelStream& stream, StreamWriter& out) {
  for (;;) {
    auto piece = co_await stream.next();
    if (!piece) co_return fail(piece.error());
    if (!*piece) break;
    const json::value chunk{
        {"object", "chat.completion.chunk"},
        {"choices", {{{"index", 0}, {"delta", {{"content", (**piece)["text"]}}}}}}};
    if (const auto sent = co_await send_event(out, chunk); !sent) co_return sent;
  }
  const npu::http::SseEvent done{.data = "[DONE]"};
  co_return co_await write_sse(out, done);
}

kit::awaitable<Status> generate(kit::ModelStream& stream, StreamWriter& out) {
  for (;;) {
    auto piece = co_await stream.next();
    if (!piece) co_return fail(piece.error());
    const bool done = !*piece;
    const json::value line{{"response", done ? json::value("") : (**piece)["text"]},
                           {"done", done}};
    const auto sent = co_await write_ndjson(out, line);
    if (done || !sent) co_return sent;
  }
}

}  // namespace

int main(int argc, char** argv) {
  kit::App app("stream-sample", "A language model over HTTP.", {.port = 11442});
  kit::ModelRules model_rules{.type = "vlm", .name = "talker", .pictures = false};
  kit::add_model_settings(app.settings(), model_rules);
  if (const auto exit_code = app.load(argc, argv)) return *exit_code;
  kit::Model& model = app.keep(model_rules);

  app.router().post(
      "/v1/chat/completions",
      [&](Request request) -> Answer {
        auto input = input_of(request, "messages");
        if (!input) co_return fail(input.error());
        auto stream = co_await model.stream(std::move(*input), request);
        if (!stream) co_return fail(stream.error());
        co_return Response::sse(
            [stream = std::move(*stream)](StreamWriter& out) mutable { return chat(stream, out); });
      },
      {.dialect = &kOpenAiDialect});
  app.router().post(
      "/api/generate",
      [&](Request request) -> Answer {
        auto input = input_of(request, "prompt");
        if (!input) co_return fail(input.error());
        auto stream = co_await model.stream(std::move(*input), request);
        if (!stream) co_return fail(stream.error());
        co_return Response::ndjson([stream = std::move(*stream)](StreamWriter& out) mutable {
          return generate(stream, out);
        });
      },
      {.dialect = &kOllamaDialect});
  return app.run();
}
