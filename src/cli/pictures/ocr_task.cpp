#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "cli/pictures/picture_task.hpp"
#include "services/ocr/answer.hpp"
#include "services/ocr/networks.hpp"
#include "services/ocr/ocr_models.hpp"
#include "services/ocr/page_reader.hpp"

namespace npu::cli {
namespace {

// On this thread, one after the other.
class OwnCalls final : public ocr::Calls {
 public:
  explicit OwnCalls(const TaskModel& model) : model_(model) {}

  Result<ClientTensor> allocate(Shape shape) const override {
    return model_.client.allocate(DType::kUint8, std::move(shape));
  }
  ocr::awaitable<Result<InferResult>> infer(InferInput input) const override {
    auto result = model_.client.infer(model_.ref, input);
    if (result) inference_time_ms_ += result->inference_time_ms;
    co_return result;
  }
  std::int64_t inference_time_ms() const { return inference_time_ms_; }

 private:
  ocr::awaitable<Status> run(std::function<void()> fn) const override {
    fn();
    co_return Status{};
  }

  const TaskModel& model_;
  mutable std::int64_t inference_time_ms_ = 0;
};

Result<ocr::Page> run_to_end(ocr::awaitable<Result<ocr::Page>> reading) {
  boost::asio::io_context context;
  Result<ocr::Page> page = fail(ErrorCode::kInternal, "nothing was read");
  boost::asio::co_spawn(context, std::move(reading),
                        [&](const std::exception_ptr& thrown, Result<ocr::Page> read) {
                          if (thrown) std::rethrow_exception(thrown);
                          page = std::move(read);
                        });
  context.run();
  return page;
}

class FoundText final : public PictureFindings {
 public:
  FoundText(ocr::Page page, ocr::Format format) : page_(std::move(page)), format_(format) {}

  // What /v1/ocr/extract says of the text itself.
  Result<boost::json::object> json() override {
    auto body = boost::json::parse(ocr::extract_text(page_, {})).get_object();
    for (const char* key : {"success", "performance", "hailo_info"}) body.erase(key);
    return body;
  }

  std::string summary() const override { return counted(page_.regions.size(), "line", "lines"); }
  std::optional<std::string> document() const override { return ocr::document(page_, format_, {}); }

  Result<media::Image> annotated(media::Image picture) override {
    ocr::draw_on(picture, page_);
    return picture;
  }

 private:
  ocr::Page page_;
  ocr::Format format_;
};

class OcrTask final : public PictureTask {
 public:
  void add_options(CLI::App& command) override {
    command
        .add_option(
            "--format", format_,
            "text: a line a line; json: as --json; hocr, tsv and alto as Tesseract has them")
        ->check(CLI::IsMember(
            std::vector<std::string>(ocr::kFormatNames.begin(), ocr::kFormatNames.end())))
        ->capture_default_str();
    add_threshold(command, options_.rec_threshold, "Least confidence of a line, 0..1");
    command
        .add_option(
            "--language", options_.languages,
            "What is read, en or zh; several times for several; without: as the network can")
        ->allow_extra_args(false);
    command.add_option("--recognition", models_.latin, "Model that reads lines")
        ->capture_default_str();
    command.add_option("--recognition-zh", models_.chinese,
                       "Model that reads Chinese, where that is one of its own");
    command.add_option("--classification", models_.classifier,
                       "Model that says what is upside down; without: what reads badly is tried");
  }

  Status prepare_for(std::size_t pictures) override {
    const bool a_document = format() == ocr::Format::kHocr || format() == ocr::Format::kAlto;
    if (pictures < 2 || !a_document) return {};
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is one document for one picture, and {} are named: run it for "
                            "each of them",
                            format_, pictures));
  }

  bool wants_json() const override { return format() == ocr::Format::kJson; }

  ModelRef complete(ModelRef model) const override {
    ocr::OcrModels models = models_;
    models.detection = model.path;
    for (std::string* name : {&models.latin, &models.chinese, &models.classifier}) {
      *name = model_path(*name);
    }
    model.params = models.params();
    return model;
  }

  TaskResult<void> begin(const TaskModel& model) override {
    auto networks = ocr::Networks::of(model.loaded);
    if (!networks) return failure_of(TaskFailure::Of::kModel, networks.error());
    if (const Status readable = networks->check(options_.languages); !readable) {
      return failure_of(TaskFailure::Of::kCommandLine, readable.error());
    }
    networks_ = std::move(*networks);
    return {};
  }

  TaskResult<Looked> look(const TaskModel& model, std::span<const std::byte> picture) override {
    const auto image = media::decode_image(picture, own_picture(3));
    if (!image) return failure_of(TaskFailure::Of::kPicture, image.error());
    const OwnCalls calls(model);
    auto page = run_to_end(ocr::read_page(calls, networks_, tiles_, *image, options_));
    if (!page) return failure_of(TaskFailure::Of::kManager, page.error());
    return Looked{{image->width(), image->height()},
                  calls.inference_time_ms(),
                  std::make_unique<FoundText>(std::move(*page), format())};
  }

 private:
  ocr::Format format() const {
    const auto& names = ocr::kFormatNames;
    return static_cast<ocr::Format>(std::ranges::find(names, format_) - names.begin());
  }

  std::string format_ = "text";
  ocr::OcrOptions options_;
  ocr::OcrModels models_{.detection = "", .latin = "ocr"};
  ocr::TileRules tiles_;
  ocr::Networks networks_;
};

}  // namespace

std::unique_ptr<PictureTask> make_ocr_task() { return std::make_unique<OcrTask>(); }

}  // namespace npu::cli
