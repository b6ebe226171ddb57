#include "families/vlm/vlm.hpp"

#include <limits>

#include <fmt/format.h>

#include "device/text_end_filter.hpp"
#include "families/support/fields.hpp"
#include "families/support/tensor_check.hpp"
#include "families/vlm/chat.hpp"
#include "families/vlm/chatml.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxFrames = 16;
constexpr double kMaxTemperature = 2;

Result<device::Sampling> parse_sampling(const json::object& fields, int context_length) {
  device::Sampling sampling;
  sampling.max_tokens = std::min(sampling.max_tokens, context_length);
  const auto temperature = number_field(fields, "temperature", 0, kMaxTemperature);
  if (!temperature) return fail(temperature.error());
  if (*temperature) sampling.temperature = static_cast<float>(**temperature);
  const auto seed = integer_field(fields, "seed", 0, std::numeric_limits<std::uint32_t>::max());
  if (!seed) return fail(seed.error());
  if (*seed) sampling.seed = static_cast<std::uint32_t>(**seed);
  const auto tokens = integer_field(fields, "max_generated_tokens", 1, context_length);
  if (!tokens) return fail(tokens.error());
  if (*tokens) sampling.max_tokens = static_cast<int>(**tokens);
  return sampling;
}

class VlmModel final : public FamilyModel {
 public:
  explicit VlmModel(std::unique_ptr<device::TextModel> model) : model_(std::move(model)) {}

  Result<json::value> infer(const InferInput& input, InferOutput& output,
                            device::RunContext& context) override {
    const auto* prompt = find_field(input.fields(), "prompt");
    if (prompt == nullptr || *prompt == "") {
      return fail(ErrorCode::kInvalidArgument, "prompt and frames are required for vlm_chat");
    }
    const auto frames = take_frames(input);
    if (!frames) return fail(frames.error());
    const auto chat = parse_chat(*prompt, frames->size());
    if (!chat) return fail(chat.error());
    const auto sampling = parse_sampling(input.fields(), model_->context_length());
    if (!sampling) return fail(sampling.error());

    std::string answer;
    device::TextEndFilter filter({std::string(kChatMlEnd)});
    const auto emit = [&](std::string_view piece) {
      if (piece.empty()) return;
      answer += piece;
      json::object event;
      event["text"] = piece;
      output.event(std::move(event));
    };
    const std::string rendered = render_chatml(*chat);
    const auto generated = model_->generate(
        {.prompt = rendered, .frames = *frames, .sampling = *sampling},
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
    const auto* frames = find_field(input.fields(), "frames");
    if (frames == nullptr) return views;
    const auto* list = frames->if_array();
    if (list == nullptr) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("frames must be a list of tensors, got {}", quote(*frames)));
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

  std::unique_ptr<device::TextModel> model_;
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
