#include "cli/pictures/picture_run.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <span>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>

#include "base/error_table.hpp"
#include "base/utf8.hpp"
#include "cli/files.hpp"
#include "cli/pictures/picture_files.hpp"
#include "cli/status_text.hpp"
#include "cli/text.hpp"
#include "media/image_decode.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

constexpr std::chrono::minutes kPatienceWithPictures{10};  // for decoding one's own

ModelRef model_of(const PictureArguments& arguments) {
  ModelRef model{.path = arguments.model, .type = arguments.type};
  std::error_code failed;
  const bool file = std::filesystem::is_regular_file(model.path, failed);
  if (file || model.path.find('/') != std::string::npos) model.path = absolute_path(model.path);
  return model;
}

// What is fitted in: the model's (height, width, channels).
Result<Shape> input_shape_of(const LoadedModel& loaded, const std::string& model) {
  const Shape& shape = loaded.input_shape;
  if (shape.size() == 3 && (shape[2] == 1 || shape[2] == 3)) return shape;
  return fail(ErrorCode::kUnsupported,
              fmt::format("{} takes no pictures of 1 or 3 channels, or the manager is too old to "
                          "say what it takes",
                          model));
}

media::DecodeOptions decode_options(int channels) {
  return {.apply_orientation = true, .channels = channels, .cpu_time = kPatienceWithPictures};
}

// "3 of 12: cat.jpg", where somebody looks at it and the answers go elsewhere.
class Progress {
 public:
  explicit Progress(std::size_t total)
      : total_(total),
        shown_(total > 1 && ::isatty(STDERR_FILENO) != 0 && ::isatty(STDOUT_FILENO) == 0) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void next(const std::string& picture) {
    ++at_;
    if (!shown_) return;
    clear();
    const std::string text = fmt::format("{} of {}: {}", at_, total_, for_terminal(picture));
    width_ = text.size();
    fmt::print(stderr, "\r{}", text);
    std::fflush(stderr);
  }
  void clear() {
    if (width_ > 0) fmt::print(stderr, "\r{:{}}\r", "", width_);
    width_ = 0;
  }

 private:
  std::size_t total_;
  bool shown_;
  std::size_t at_ = 0;
  std::size_t width_ = 0;
};

// Of one picture, and whose fault it is that nothing was found out.
struct Outcome {
  enum class Of : std::uint8_t { kNobody, kPicture, kModel, kManager, kOutput };

  Of of = Of::kNobody;
  Error error{};
};

class PictureRun {
 public:
  PictureRun(const Context& context, PictureTask& task, BlockingDeviceClient& client,
             ModelRef model, Shape shape, kit::FitOptions how)
      : context_(context),
        task_(task),
        client_(client),
        model_(std::move(model)),
        shape_(std::move(shape)),
        how_(how) {}

  // Looks at one picture and prints what it finds. output: "" for none.
  Outcome find(const std::string& picture, const std::string& output) const {
    auto tensor = client_.allocate(DType::kUint8, shape_);
    if (!tensor) return failed(Outcome::Of::kManager, tensor.error());
    const auto bytes = read_file(picture);
    if (!bytes) return failed(Outcome::Of::kPicture, bytes.error());
    const auto placed = fit(*bytes, *tensor);
    if (!placed) return failed(Outcome::Of::kPicture, named(picture, placed.error()));
    const auto result = client_.infer(model_, InferInput().tensor("input", std::move(*tensor)));
    if (!result) return failed(Outcome::Of::kManager, result.error());
    const auto findings = task_.read(*result, *placed);
    if (!findings) return failed(Outcome::Of::kModel, named(model_.path, findings.error()));
    if (!output.empty()) {
      const Status written = annotate(*bytes, **findings, output);
      if (!written) return failed(Outcome::Of::kOutput, written.error());
    }
    const Status printed = print(picture, placed->picture, *result, **findings, output);
    return printed ? Outcome{} : failed(Outcome::Of::kPicture, named(picture, printed.error()));
  }

 private:
  static Outcome failed(Outcome::Of of, Error error) { return {of, std::move(error)}; }

  static Error named(const std::string& what, Error error) {
    error.message = fmt::format("{}: {}", what, error.message);
    return error;
  }

  Result<kit::Placement> fit(std::span<const std::byte> bytes, ClientTensor& tensor) const {
    const auto out = tensor.writable();
    const media::Size size{static_cast<int>(shape_[1]), static_cast<int>(shape_[0])};
    return kit::decode_fitted(bytes, decode_options(static_cast<int>(shape_[2])), how_, size,
                              {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  }

  static Status annotate(std::span<const std::byte> bytes, PictureFindings& findings,
                         const std::string& output) {
    auto picture = media::decode_image(bytes, decode_options(3));
    if (!picture) return fail(picture.error());
    const auto annotated = findings.annotated(std::move(*picture));
    if (!annotated) return fail(annotated.error());
    return write_picture(*annotated, output);
  }

  Status print(const std::string& picture, media::Size size, const InferResult& result,
               PictureFindings& findings, const std::string& output) const {
    if (!context_.json) {
      fmt::print("{}: {}x{}, {}, {} ms{}\n", for_terminal(picture), size.width, size.height,
                 findings.summary(), result.inference_time_ms,
                 output.empty() ? std::string() : " -> " + for_terminal(output));
      if (const auto rows = findings.rows(); !rows.empty()) fmt::print("{}", table(rows));
      return {};
    }
    const auto found = findings.json();
    if (!found) return fail(found.error());
    json::object line{{"picture", picture},
                      {"width", size.width},
                      {"height", size.height},
                      {"inference_time_ms", result.inference_time_ms}};
    line.insert(found->begin(), found->end());
    if (!output.empty()) line["output"] = output;
    print_json(line);
    return {};
  }

  const Context& context_;
  PictureTask& task_;
  BlockingDeviceClient& client_;
  ModelRef model_;
  Shape shape_;
  kit::FitOptions how_;
};

int report(const Context& context, const Outcome& outcome) {
  // The usual advice is about the manager.
  return outcome.of == Outcome::Of::kManager ? context.report(outcome.error)
                                             : context.report(outcome.error, "");
}

int run_all(const Context& context, const PictureRun& run, const std::vector<std::string>& pictures,
            const std::vector<std::string>& outputs) {
  Progress progress(pictures.size());
  int code = kOk;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    progress.next(pictures[i]);
    const Outcome done = run.find(pictures[i], outputs.empty() ? std::string() : outputs[i]);
    if (done.of == Outcome::Of::kNobody) continue;
    progress.clear();
    const int failed = report(context, done);
    if (done.of != Outcome::Of::kPicture) return failed;
    code = failed;
  }
  return code;
}

// The manager names the command that brings a model which has a name.
int not_loaded(const Context& context, const Error& error) {
  const bool unknown = error.code == ErrorCode::kNotFound &&
                       error.message.find("hailoctl pull ") == std::string::npos;
  return unknown
             ? context.report(error, "See which models have a name:  hailoctl models --available")
             : context.report(error);
}

// The command line is wrong.
int misused(const Error& error) {
  fmt::print(stderr, "hailoctl: {}\n", for_terminal(error.message));
  return kUsage;
}

}  // namespace

int run_on_pictures(const Context& context, const PictureArguments& arguments, PictureTask& task) {
  if (const Status prepared = task.prepare(); !prepared) return misused(prepared.error());
  const auto pictures = picture_files(arguments.pictures);
  if (!pictures) return context.report(pictures.error(), "");
  std::vector<std::string> outputs;
  if (!arguments.output.empty()) {
    auto planned = output_files(*pictures, arguments.output);
    if (!planned) return misused(planned.error());
    outputs = std::move(*planned);
  }
  return context.with_client([&](BlockingDeviceClient& client) {
    const ModelRef model = model_of(arguments);
    const auto loaded = client.load_model(model);
    if (!loaded) return not_loaded(context, loaded.error());
    auto shape = input_shape_of(*loaded, model.path);
    if (!shape) return context.report(shape.error(), "");
    if (const Status accepted = task.accept(*loaded); !accepted) return misused(accepted.error());
    const PictureRun run(context, task, client, model, std::move(*shape),
                         kit::fit_of(*loaded, task.usual_fit()));
    return run_all(context, run, *pictures, outputs);
  });
}

}  // namespace npu::cli
