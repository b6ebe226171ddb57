#include "device/hailort/generation/text_device.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "device/hailort/generation/text_kinds.hpp"

namespace npu::device::hailort {
namespace {

using Completion = genai::LLMGeneratorCompletion;

Progress progress_of(Completion::Status status) {
  switch (status) {
    case Completion::Status::GENERATING: return Progress::kGenerating;
    case Completion::Status::MAX_TOKENS_REACHED: return Progress::kMaxTokens;
    case Completion::Status::ABORTED: return Progress::kAborted;
    default: return Progress::kEndOfText;
  }
}

template <class Kind>
class DeviceSession final : public TextSession {
 public:
  DeviceSession(std::shared_ptr<Chip> chip, std::shared_ptr<sdk::VDevice> vdevice,
                typename Kind::Model model)
      : chip_(std::move(chip)),
        parts_(std::make_shared<Parts>(std::move(vdevice), std::move(model))) {}

  // Destructors of a device that is gone would call it.
  ~DeviceSession() override {
    if (chip_->lost()) {
      if (asker_.joinable()) asker_.detach();
      Chip::abandon(std::move(parts_));
    } else {
      finish();
    }
  }
  DeviceSession(const DeviceSession&) = delete;
  DeviceSession& operator=(const DeviceSession&) = delete;

  Status ask_facts();
  const TextFacts& facts() const override { return facts_; }

  Status start(const GeneratorSettings& settings, const std::string& prompt,
               std::span<const TensorView> frames) override;
  Result<std::optional<std::string>> read(Millis timeout) override;
  Progress progress() const override;
  Status abort() override;
  void finish() override;

  Result<int> count_tokens(const std::string& text) override;
  Result<int> context_use() override;
  Status clear_context() override;
  Result<std::vector<std::byte>> save_context() override;
  Status load_context(std::span<const std::byte> context) override;

  bool device_answers() override { return chip_->answers(); }
  Result<bool> answers_within(Duration time) override;
  void give_up(std::string_view why) override {
    if (!chip_->lost()) chip_->declare_lost(why);
  }

 private:
  struct Parts {
    Parts(std::shared_ptr<sdk::VDevice> device, typename Kind::Model loaded)
        : vdevice(std::move(device)), model(std::move(loaded)) {}
    // Destroyed from the last to the first.
    std::shared_ptr<sdk::VDevice> vdevice;
    typename Kind::Model model;
    std::optional<typename Kind::Generator> generator;
    std::optional<Completion> completion;
  };

  typename Kind::Model& model() { return parts_->model; }
  Error error_of(hailo_status status, std::string_view what);
  Status status_of(hailo_status status, std::string_view what) {
    if (status == HAILO_SUCCESS) return {};
    return fail(error_of(status, what));
  }

  std::shared_ptr<Chip> chip_;
  std::shared_ptr<Parts> parts_;
  TextFacts facts_;
  std::thread asker_;  // of answers_within()
};

// Reads of these connections have no deadline, so a time-out is a write that got stuck half way:
// the connection is of no use any more. What HailoRT calls a caller's mistake is ours here.
template <class Kind>
Error DeviceSession<Kind>::error_of(hailo_status status, std::string_view what) {
  Error error = chip_->error_of(status, Operation::kRun, what);
  if (error.code == ErrorCode::kDeviceLost) return error;
  if (status == HAILO_TIMEOUT) return chip_->declare_lost(error.message);
  error.code = ErrorCode::kInternal;
  return error;
}

template <class Kind>
Status DeviceSession<Kind>::ask_facts() {
  facts_.keeps_tail = Kind::kKeepsTail;
  facts_.max_frames = Kind::max_frames();
  auto frame = Kind::frame(model());
  if (!frame) return fail(frame.error());
  facts_.frame = std::move(*frame);

  auto chat_template = model().prompt_template();
  if (chat_template) {
    facts_.chat_template = chat_template.release();
  } else if (chat_template.status() != HAILO_NOT_AVAILABLE) {
    return fail(error_of(chat_template.status(), "cannot read the model's chat template"));
  }
  auto capacity = model().max_context_capacity();
  if (!capacity) return fail(error_of(capacity.status(), "cannot read the length of the context"));
  facts_.context_length = static_cast<int>(*capacity);

  auto params = model().create_generator_params();
  if (!params) return fail(error_of(params.status(), "cannot read the defaults of the model"));
  facts_.defaults = {.temperature = params->temperature(),
                     .top_p = params->top_p(),
                     .top_k = params->top_k(),
                     .repetition_penalty = params->frequency_penalty(),
                     .max_tokens = params->max_generated_tokens(),
                     .sample = params->do_sample(),
                     .seed = params->seed()};

  auto recovery = model().get_generation_recovery_sequence();
  if (!recovery) return fail(error_of(recovery.status(), "cannot read the recovery sequence"));
  facts_.recovery = recovery.release();
  if (!facts_.recovery.empty()) {
    const auto tokens = count_tokens(facts_.recovery);
    if (!tokens) return fail(tokens.error());
    facts_.recovery_tokens = *tokens;
  }
  auto stops = model().get_stop_tokens();
  if (!stops) return fail(error_of(stops.status(), "cannot read the stop tokens"));
  facts_.stop_texts = stops.release();
  return {};
}

template <class Kind>
Status DeviceSession<Kind>::start(const GeneratorSettings& settings, const std::string& prompt,
                                  std::span<const TensorView> frames) {
  const genai::LLMGeneratorParams params(settings.temperature, settings.top_p, settings.top_k,
                                         settings.repetition_penalty, settings.max_tokens,
                                         settings.sample, settings.seed);
  auto generator = model().create_generator(params);
  if (!generator) return fail(error_of(generator.status(), "cannot start a generation"));
  parts_->generator.emplace(generator.release());
  auto completion = Kind::generate(*parts_->generator, prompt, frames);
  if (!completion) return fail(error_of(completion.status(), "cannot start a generation"));
  parts_->completion.emplace(completion.release());
  return {};
}

template <class Kind>
Result<std::optional<std::string>> DeviceSession<Kind>::read(Millis timeout) {
  auto piece = parts_->completion->read(timeout);
  if (piece) return piece.release();
  if (piece.status() == HAILO_TIMEOUT) return std::nullopt;
  return fail(error_of(piece.status(), "the device broke off the generation"));
}

template <class Kind>
Progress DeviceSession<Kind>::progress() const {
  if (!parts_->completion) return Progress::kEndOfText;
  return progress_of(parts_->completion->generation_status());
}

template <class Kind>
Status DeviceSession<Kind>::abort() {
  if (progress() != Progress::kGenerating) return {};
  return status_of(parts_->completion->abort(), "cannot stop the generation");
}

// Requests of a connection wait for each other without end, and cannot be taken back: so this one
// is made by a thread that can be left behind.
template <class Kind>
Result<bool> DeviceSession<Kind>::answers_within(Duration time) {
  struct Question {
    std::mutex mutex;
    std::condition_variable answered;
    std::optional<hailo_status> status;
  };
  if (asker_.joinable()) asker_.join();
  const auto question = std::make_shared<Question>();
  asker_ = std::thread([question, parts = parts_] {
    const auto use = parts->model.get_context_usage_size();
    const std::lock_guard lock(question->mutex);
    question->status = use.status();
    question->answered.notify_all();
  });
  std::unique_lock lock(question->mutex);
  if (!question->answered.wait_for(lock, time, [&] { return question->status.has_value(); })) {
    return false;
  }
  if (*question->status == HAILO_SUCCESS) return true;
  return fail(error_of(*question->status, "the device does not answer during a generation"));
}

template <class Kind>
void DeviceSession<Kind>::finish() {
  if (asker_.joinable()) asker_.join();
  parts_->completion.reset();
  parts_->generator.reset();
  if (!chip_->lost()) chip_->went_well(Operation::kRun);
}

template <class Kind>
Result<int> DeviceSession<Kind>::count_tokens(const std::string& text) {
  const auto tokens = model().tokenize(text);
  if (!tokens) return fail(error_of(tokens.status(), "cannot count tokens"));
  return static_cast<int>(tokens->size());
}

template <class Kind>
Result<int> DeviceSession<Kind>::context_use() {
  const auto use = model().get_context_usage_size();
  if (!use) return fail(error_of(use.status(), "cannot read how full the context is"));
  return static_cast<int>(*use);
}

template <class Kind>
Status DeviceSession<Kind>::clear_context() {
  return status_of(model().clear_context(), "cannot clear the context");
}

template <class Kind>
Result<std::vector<std::byte>> DeviceSession<Kind>::save_context() {
  const auto saved = model().save_context();
  if (!saved) return fail(error_of(saved.status(), "cannot save the context"));
  const auto* data = reinterpret_cast<const std::byte*>((*saved)->data());
  return std::vector<std::byte>(data, data + (*saved)->size());
}

template <class Kind>
Status DeviceSession<Kind>::load_context(std::span<const std::byte> context) {
  const auto view = sdk::MemoryView::create_const(context.data(), context.size());
  const auto status = model().load_context(view);
  auto ok = status_of(status, "cannot load the context");
  if (!ok && ok.error().code == ErrorCode::kInternal && status == HAILO_INVALID_ARGUMENT) {
    return fail(ErrorCode::kInvalidArgument, "these bytes are not a context of this model");
  }
  return ok;
}

// Until 5.2 a KV cache that is taken closes the connection (62); then 6 means the other bound.
bool means_core_ops(hailo_status status) {
  hailo_version_t version{};
  if (status != HAILO_INVALID_OPERATION) return false;
  if (hailo_get_library_version(&version) != HAILO_SUCCESS) return false;
  return version.major == 5 && version.minor < 3;
}

template <class Kind>
CreatedSession created(std::shared_ptr<Chip> chip, std::shared_ptr<sdk::VDevice> vdevice,
                       sdk::Expected<typename Kind::Model> model) {
  if (!model) {
    return {model.status(),
            fail(chip->error_of(model.status(), Operation::kLoadText,
                                "the device did not take the model",
                                means_core_ops(model.status()) ? kPerhapsCoreOps : ""))};
  }
  auto session = std::make_unique<DeviceSession<Kind>>(chip, std::move(vdevice), model.release());
  if (auto ok = session->ask_facts(); !ok) return {HAILO_SUCCESS, fail(ok.error())};
  chip->went_well(Operation::kLoadText);
  return {HAILO_SUCCESS, std::move(session)};
}

}  // namespace

CreatedSession create_llm(std::shared_ptr<Chip> chip, std::shared_ptr<sdk::VDevice> vdevice,
                          const std::string& path, const std::string& lora) {
  auto model = genai::LLM::create(vdevice, genai::LLMParams(path, lora));
  return created<LlmKind>(std::move(chip), std::move(vdevice), std::move(model));
}

CreatedSession create_vlm(std::shared_ptr<Chip> chip, std::shared_ptr<sdk::VDevice> vdevice,
                          const std::string& path) {
  auto model = genai::VLM::create(vdevice, genai::VLMParams(path));
  return created<VlmKind>(std::move(chip), std::move(vdevice), std::move(model));
}

}  // namespace npu::device::hailort
