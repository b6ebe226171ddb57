#include "families/generation/text_generator.hpp"

#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "families/generation/answer_details.hpp"
#include "families/generation/chat.hpp"
#include "families/generation/frames.hpp"
#include "json/fields.hpp"
#include "text/end_filter.hpp"
#include "text/stop_filter.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

// What ends an answer of a model whose format is not known.
constexpr std::string_view kAnyEnd = "<|im_end|>";

// Takes the pieces of an answer as they come: without the end marker, up to a stop string.
class AnswerText {
 public:
  AnswerText(std::string_view end, std::vector<std::string> stops, InferOutput& output)
      : end_({std::string(end)}), stop_(std::move(stops)), output_(output) {}

  // False once a stop string has ended the answer.
  bool push(std::string_view piece) {
    say(stop_.push(end_.push(piece)));
    return !stop_.stopped_by();
  }
  void finish() {
    say(stop_.push(end_.finish()));
    say(stop_.finish());
  }

  std::string take() { return std::move(text_); }
  const std::optional<std::string>& stopped_by() const { return stop_.stopped_by(); }

 private:
  void say(std::string_view words) {
    if (words.empty()) return;
    text_ += words;
    json::object event;
    event["text"] = words;
    output_.event(std::move(event));
  }

  text::EndFilter end_;
  text::StopFilter stop_;
  InferOutput& output_;
  std::string text_;
};

json::value result_of(const AnswerDetails& details, bool wanted) {
  if (wanted) return to_json(details);
  return json::value(details.text);
}

class GeneratorFamily final : public Family {
 public:
  explicit GeneratorFamily(GeneratorOptions options) : options_(std::move(options)) {}

  Result<LoadPlan> plan(const std::string& path, const json::object&) const override {
    return LoadPlan{{{"model", path, "Model HEF not found: " + path}}};
  }

  Result<std::unique_ptr<FamilyModel>> load(device::Device& device, const LoadRequest& request,
                                            device::RunContext& context) const override {
    static const SystemClock clock;
    auto model = device.load_text(request.files.at(0), context);
    if (!model) return fail(model.error());
    GeneratorOptions options = options_;
    options.context_bytes = request.context_bytes;
    return std::make_unique<TextGenerator>(std::move(*model), std::move(options), clock);
  }

 private:
  GeneratorOptions options_;
};

}  // namespace

TextGenerator::TextGenerator(std::unique_ptr<device::TextModel> model, GeneratorOptions options,
                             const Clock& clock)
    : model_(std::move(model)),
      options_(std::move(options)),
      clock_(clock),
      conversations_(*model_, options_.context_bytes),
      format_(text::ChatFormat::of(model_->chat_template())) {}

Result<TextGenerator::Request> TextGenerator::parse(const InferInput& input) const {
  const npu::json::Fields fields(input.fields());
  const auto* prompt = fields.find("prompt");
  if (prompt == nullptr || *prompt == "" || *prompt == json::array()) {
    return fail(ErrorCode::kInvalidArgument, options_.no_prompt);
  }
  Request request;
  if (options_.takes_frames) {
    auto frames = take_frames(input, *model_);
    if (!frames) return fail(frames.error());
    request.frames = std::move(*frames);
  } else if (const auto* frames = fields.find("frames");
             frames != nullptr && *frames != json::array()) {
    return fail(ErrorCode::kInvalidArgument, "llm takes no pictures: a vlm does");
  }
  auto rendered = render(*prompt, request.frames.size());
  if (!rendered) return fail(rendered.error());
  request.prompt = std::move(*rendered);
  auto params = parse_generation(input.fields(), *model_);
  if (!params) return fail(params.error());
  request.params = std::move(*params);
  request.asker = input.asker();
  // Nobody could go on with it.
  if (request.asker.client == 0) request.params.keep_context = false;
  return request;
}

// A text is the whole prompt as the model shall see it; a conversation gets the model's format.
Result<std::string> TextGenerator::render(const json::value& prompt, std::size_t frames) const {
  const auto* whole = prompt.if_string();
  if (whole == nullptr) {
    const auto chat = parse_chat(prompt, frames);
    if (!chat) return fail(chat.error());
    if (!format_) return fail(format_.error());
    return format_->render(*chat, today());
  }
  const std::size_t places = model_->frame() ? text::count_chatml_pictures(*whole) : frames;
  if (places == frames) return std::string(*whole);
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("a prompt that is a text reaches the model as it is: it has {} "
                          "<|image_pad|> and frames has {} pictures; they must be equal, or "
                          "prompt a list of messages",
                          places, frames));
}

std::string TextGenerator::today() const {
  const auto now = std::chrono::system_clock::to_time_t(clock_.wall());
  return fmt::format("{:%d %b %Y}", fmt::localtime(now));
}

// No tokens at all: the device is asked for none.
Result<json::value> TextGenerator::answer_nothing(const Request& request) {
  AnswerDetails details;
  details.generation.stop = device::StopReason::kMaxTokens;
  details.ignored = request.params.ignored;
  if (request.params.details) {
    const auto tokens = model_->count_tokens(request.prompt);
    if (!tokens) return fail(tokens.error());
    details.generation.prompt_tokens = *tokens;
  }
  return result_of(details, request.params.details);
}

Result<json::value> TextGenerator::infer(const InferInput& input, InferOutput& output,
                                         device::RunContext& context) {
  auto request = parse(input);
  if (!request) return fail(request.error());
  GenerationParams& params = request->params;
  if (params.sampling.max_tokens == 0) return answer_nothing(*request);

  AnswerDetails details;
  AnswerText answer(format_ ? format_->end() : kAnyEnd, std::move(params.stops), output);
  const SteadyTime begin = clock_.now();
  const auto start =
      conversations_.begin(request->asker, params.context, request->prompt, request->frames);
  if (!start) return fail(start.error());
  std::string said;
  const auto generated = model_->generate(
      {.prompt = std::string_view(request->prompt).substr(start->text),
       .frames = std::span(request->frames).subspan(start->pictures),
       .sampling = params.sampling,
       .resume = start->resume,
       .keep = params.keep_context},
      [&](std::string_view piece) {
        if (!details.first_token) details.first_token = clock_.now() - begin;
        said += piece;
        return answer.push(piece);
      },
      context);
  if (!generated) return fail(generated.error());
  if (generated->stop == device::StopReason::kCancelled)
    return fail(ErrorCode::kCancelled, "cancelled");
  answer.finish();

  details.total = clock_.now() - begin;
  details.generation = *generated;
  details.cached_tokens = start->tokens;
  details.context = keep_or_end(*request, *start, std::move(said), *generated);
  details.stop_string = answer.stopped_by();
  details.text = answer.take();
  details.ignored = std::move(params.ignored);
  return result_of(details, params.details);
}

std::optional<Conversations::Id> TextGenerator::keep_or_end(const Request& request,
                                                            const Conversations::Start& start,
                                                            std::string said,
                                                            const device::Generation& generated) {
  if (!request.params.keep_context) {
    conversations_.end();
    return std::nullopt;
  }
  return conversations_.keep({.text = request.prompt + said + generated.untold,
                              .frames = request.frames,
                              .tokens = start.tokens + generated.prompt_tokens + generated.tokens});
}

std::unique_ptr<Family> make_generator_family(GeneratorOptions options) {
  return std::make_unique<GeneratorFamily>(std::move(options));
}

}  // namespace npu::families
