#include "families/vlm/vlm.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "families/support/tensor_check.hpp"
#include "families/vlm/chat.hpp"
#include "json/fields.hpp"
#include "text/chat_format.hpp"
#include "text/end_filter.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxFrames = 16;
// Over it every token is as likely as any other.
constexpr double kMaxTemperature = 100;

// What ends an answer of a model whose format is not known.
constexpr std::string_view kAnyEnd = "<|im_end|>";

std::string today() { return fmt::format("{:%d %b %Y}", fmt::localtime(std::time(nullptr))); }

// Any whole number: of large ones the low 32 bits count, and -1 asks for a random one.
std::optional<std::uint32_t> seed_in(npu::json::Fields& in) {
  constexpr double kSeeds = 4294967296.0;
  const auto* value = in.find("seed");
  if (value == nullptr || *value == -1) return std::nullopt;
  if (const auto* number = value->if_int64()) return static_cast<std::uint32_t>(*number);
  if (const auto* number = value->if_uint64()) return static_cast<std::uint32_t>(*number);
  const auto number = npu::json::number_in(*value);
  if (number && *number == std::floor(*number) && *number >= 0) {
    return static_cast<std::uint32_t>(std::fmod(*number, kSeeds));
  }
  in.wrong("seed", "a whole number");
  return std::nullopt;
}

// max_tokens may be 0.
Result<device::Sampling> parse_sampling(const json::object& fields, int context_length) {
  npu::json::Fields in(fields);
  device::Sampling sampling;
  if (const auto temperature = in.capped_number("temperature", 0, kMaxTemperature)) {
    sampling.temperature = static_cast<float>(*temperature);
  }
  sampling.seed = seed_in(in);
  if (const auto tokens = in.capped_integer("max_generated_tokens", 0, context_length)) {
    sampling.max_tokens = static_cast<int>(*tokens);
  }
  if (!in.status()) return fail(in.status().error());
  return sampling;
}

class VlmModel final : public FamilyModel {
 public:
  explicit VlmModel(std::unique_ptr<device::TextModel> model)
      : model_(std::move(model)), format_(text::ChatFormat::of(model_->chat_template())) {}

  Result<json::value> infer(const InferInput& input, InferOutput& output,
                            device::RunContext& context) override {
    const auto* prompt = npu::json::Fields(input.fields()).find("prompt");
    if (prompt == nullptr || *prompt == "" || *prompt == json::array()) {
      return fail(ErrorCode::kInvalidArgument, "prompt and frames are required for vlm_chat");
    }
    const auto frames = take_frames(input);
    if (!frames) return fail(frames.error());
    const auto rendered = render(*prompt, frames->size());
    if (!rendered) return fail(rendered.error());
    const auto sampling = parse_sampling(input.fields(), model_->context_length());
    if (!sampling) return fail(sampling.error());
    if (sampling->max_tokens == 0) return json::value("");

    std::string answer;
    text::EndFilter filter({std::string(format_ ? format_->end() : kAnyEnd)});
    const auto emit = [&](std::string_view piece) {
      if (piece.empty()) return;
      answer += piece;
      json::object event;
      event["text"] = piece;
      output.event(std::move(event));
    };
    const auto generated = model_->generate(
        {.prompt = *rendered, .frames = *frames, .sampling = *sampling},
        [&](std::string_view piece) {
          emit(filter.push(piece));
          return true;
        },
        context);
    if (!generated) return fail(generated.error());
    if (generated->stop == device::StopReason::kCancelled)
      return fail(ErrorCode::kCancelled, "cancelled");
    emit(filter.finish());
    return json::value(answer);
  }

 private:
  Result<std::vector<TensorView>> take_frames(const InferInput& input) const {
    std::vector<TensorView> views;
    const auto* frames = npu::json::Fields(input.fields()).find("frames");
    if (frames == nullptr) return views;
    const auto* list = frames->if_array();
    if (list == nullptr) {
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("frames must be a list of tensors, got {}", npu::json::quote(*frames)));
    }
    if (list->empty()) return views;
    const auto& spec = model_->frame();
    if (!spec)
      return fail(ErrorCode::kInvalidArgument, "this model takes no pictures: leave frames empty");
    if (list->size() > kMaxFrames) {
      return fail(ErrorCode::kTooLarge,
                  fmt::format("at most {} frames a request, got {}", kMaxFrames, list->size()));
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
      const auto view = input.tensor((*list)[i]);
      if (!view) return fail(view.error());
      const auto ok = check_tensor(fmt::format("frames[{}]", i), spec->dtype, spec->shape, *view);
      if (!ok) return fail(ok.error());
      views.push_back(as_spec(*view, *spec));
    }
    return views;
  }

  // A text is the whole prompt as the model shall see it; a conversation gets the model's format.
  Result<std::string> render(const json::value& prompt, std::size_t frames) const {
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

  std::unique_ptr<device::TextModel> model_;
  Result<text::ChatFormat> format_;  // an error where the model's template is of another one
};

class VlmFamily final : public Family {
 public:
  Result<LoadPlan> plan(const std::string& path, const json::object&) const override {
    return LoadPlan{{{"model", path, "Model HEF not found: " + path}}};
  }

  Result<std::unique_ptr<FamilyModel>> load(device::Device& device, const LoadRequest& request,
                                            device::RunContext& context) const override {
    auto model = device.load_text(request.files.at(0), context);
    if (!model) return fail(model.error());
    return std::make_unique<VlmModel>(std::move(*model));
  }
};

}  // namespace

std::unique_ptr<Family> make_vlm_family() { return std::make_unique<VlmFamily>(); }

}  // namespace npu::families
