#include "cli/pictures/picture_run.hpp"

#include <cstdio>
#include <span>
#include <string_view>
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

// Lines and columns stay; what else a model's characters may hold does not steer the terminal.
std::string document_for_terminal(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\n\t");
    shown += for_terminal(text.substr(0, end));
    if (end == std::string_view::npos) break;
    shown += text[end];
    text.remove_prefix(end + 1);
  }
  return shown;
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

class PictureRun {
 public:
  PictureRun(const Context& context, PictureTask& task, const TaskModel& model, bool several)
      : context_(context), task_(task), model_(model), several_(several) {}

  // Looks at one picture and prints what it finds. output: "" for none.
  TaskResult<void> find(const std::string& picture, const std::string& output) const {
    const auto bytes = read_file(picture);
    if (!bytes) return failure_of(TaskFailure::Of::kPicture, bytes.error());
    const auto looked = task_.look(model_, *bytes);
    if (!looked) return tl::unexpected(named(picture, looked.error()));
    if (!output.empty()) {
      const Status written = annotate(*bytes, *looked->findings, output);
      if (!written) return failure_of(TaskFailure::Of::kOutput, written.error());
    }
    if (const Status printed = print(picture, *looked, output); !printed) {
      return tl::unexpected(named(picture, {TaskFailure::Of::kPicture, printed.error()}));
    }
    return {};
  }

 private:
  // Whose fault it is stands before it, where that is not the manager.
  TaskFailure named(const std::string& picture, TaskFailure failure) const {
    const bool of_picture = failure.of == TaskFailure::Of::kPicture;
    if (!of_picture && failure.of != TaskFailure::Of::kModel) return failure;
    const std::string& what = of_picture ? picture : model_.ref.path;
    failure.error.message = fmt::format("{}: {}", what, failure.error.message);
    return failure;
  }

  static Status annotate(std::span<const std::byte> bytes, PictureFindings& findings,
                         const std::string& output) {
    auto picture = media::decode_image(bytes, own_picture(3));
    if (!picture) return fail(picture.error());
    const auto annotated = findings.annotated(std::move(*picture));
    if (!annotated) return fail(annotated.error());
    return write_picture(*annotated, output);
  }

  Status print(const std::string& picture, const Looked& looked, const std::string& output) const {
    if (!context_.json) {
      print_text(picture, looked, output);
      return {};
    }
    const auto found = looked.findings->json();
    if (!found) return fail(found.error());
    json::object line{{"picture", picture},
                      {"width", looked.picture.width},
                      {"height", looked.picture.height},
                      {"inference_time_ms", looked.inference_time_ms}};
    line.insert(found->begin(), found->end());
    if (!output.empty()) line["output"] = output;
    print_json(line);
    return {};
  }

  void print_text(const std::string& picture, const Looked& looked,
                  const std::string& output) const {
    const PictureFindings& findings = *looked.findings;
    const auto document = findings.document();
    // A document that is the only one is nothing but itself.
    if (!document || several_) {
      fmt::print("{}: {}x{}, {}, {} ms{}\n", for_terminal(picture), looked.picture.width,
                 looked.picture.height, findings.summary(), looked.inference_time_ms,
                 output.empty() ? std::string() : " -> " + for_terminal(output));
    }
    if (document) {
      fmt::print("{}", document_for_terminal(*document));
    } else if (const auto rows = findings.rows(); !rows.empty()) {
      fmt::print("{}", table(rows));
    }
  }

  const Context& context_;
  PictureTask& task_;
  const TaskModel& model_;
  bool several_;
};

// The command line is wrong.
int misused(const Error& error) {
  fmt::print(stderr, "hailoctl: {}\n", for_terminal(error.message));
  return kUsage;
}

int report(const Context& context, const TaskFailure& failure) {
  if (failure.of == TaskFailure::Of::kCommandLine) return misused(failure.error);
  // The usual advice is about the manager.
  return failure.of == TaskFailure::Of::kManager ? context.report(failure.error)
                                                 : context.report(failure.error, "");
}

int run_all(const Context& context, const PictureRun& run, const std::vector<std::string>& pictures,
            const std::vector<std::string>& outputs) {
  Progress progress(pictures.size());
  int code = kOk;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    progress.next(pictures[i]);
    const auto done = run.find(pictures[i], outputs.empty() ? std::string() : outputs[i]);
    if (done) continue;
    progress.clear();
    const int failed = report(context, done.error());
    if (done.error().of != TaskFailure::Of::kPicture) return failed;
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

}  // namespace

int run_on_pictures(const Context& context, const PictureArguments& arguments, PictureTask& task) {
  if (const Status prepared = task.prepare(); !prepared) return misused(prepared.error());
  const auto pictures = picture_files(arguments.pictures);
  if (!pictures) return context.report(pictures.error(), "");
  if (const Status prepared = task.prepare_for(pictures->size()); !prepared) {
    return misused(prepared.error());
  }
  std::vector<std::string> outputs;
  if (!arguments.output.empty()) {
    auto planned = output_files(*pictures, arguments.output);
    if (!planned) return misused(planned.error());
    outputs = std::move(*planned);
  }
  return context.with_client([&](BlockingDeviceClient& client) {
    const ModelRef ref =
        task.complete({.path = model_path(arguments.model), .type = arguments.type});
    auto loaded = client.load_model(ref);
    if (!loaded) return not_loaded(context, loaded.error());
    const TaskModel model{client, ref, std::move(*loaded)};
    if (const auto begun = task.begin(model); !begun) return report(context, begun.error());
    return run_all(context, PictureRun(context, task, model, pictures->size() > 1), *pictures,
                   outputs);
  });
}

}  // namespace npu::cli
