#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/pictures/picture_task.hpp"
#include "services/clip/answer.hpp"
#include "services/clip/clip_models.hpp"
#include "services/clip/encoder_calls.hpp"
#include "services/clip/prompts.hpp"
#include "services/clip/side_files.hpp"

namespace npu::cli {
namespace {

constexpr std::array<std::string_view, 3> kScoreModes{"auto", "cosine", "softmax"};

class FoundMeaning final : public PictureFindings {
 public:
  FoundMeaning(clip::Vector vector, std::vector<clip::Score> scores,
               const std::vector<std::string>& prompts, bool tell_vector)
      : vector_(std::move(vector)),
        scores_(std::move(scores)),
        prompts_(prompts),
        tell_vector_(tell_vector) {}

  Result<boost::json::object> json() override {
    boost::json::object body;
    if (!prompts_.empty()) {
      boost::json::array list;
      for (const auto& one : scores_) {
        list.push_back(
            {{"text", prompts_[one.prompt]}, {"score", one.score}, {"rank", list.size() + 1}});
      }
      body["classifications"] = std::move(list);
    }
    if (tell_vector_) {
      body["embedding"] = boost::json::array(vector_.begin(), vector_.end());
      body["dimension"] = vector_.size();
    }
    return body;
  }

  std::string summary() const override {
    if (prompts_.empty()) return fmt::format("{} numbers", vector_.size());
    return scores_.empty() ? "no text" : prompts_[scores_.front().prompt];
  }

  std::vector<std::vector<std::string>> rows() const override {
    std::vector<std::vector<std::string>> rows;
    if (!scores_.empty()) rows.push_back({"", "TEXT", "SCORE"});
    for (const auto& one : scores_) {
      rows.push_back({"", prompts_[one.prompt], fmt::format("{:.3f}", one.score)});
    }
    if (tell_vector_) rows.push_back({"", fmt::format("{}", fmt::join(vector_, " "))});
    return rows;
  }

  Result<media::Image> annotated(media::Image picture) override {
    clip::draw_on(picture, scores_, prompts_);
    return picture;
  }

 private:
  clip::Vector vector_;
  std::vector<clip::Score> scores_;
  const std::vector<std::string>& prompts_;
  bool tell_vector_;
};

class ClipTask final : public PictureTask {
 public:
  void add_options(CLI::App& command) override {
    command
        .add_option("--prompt,-p", prompts_.prompts,
                    "A text that the pictures are compared with; several times for several")
        ->allow_extra_args(false);
    command
        .add_option(
            "--template", prompts_.templates,
            "What each text is put into, at {}: 'a photo of {}'; of several the mean counts")
        ->allow_extra_args(false);
    command
        .add_option("--score-mode", score_mode_,
                    "softmax: scores add up to 1; cosine: -1 to 1; auto: a single text's is its "
                    "cosine")
        ->check(CLI::IsMember(std::vector<std::string>(kScoreModes.begin(), kScoreModes.end())))
        ->capture_default_str();
    command.add_option("--top-k", top_k_, "Show so many texts at most, the best ones")
        ->check(CLI::Range(1, 100'000));
    command.add_flag("--embedding", tell_vector_, "Tell the pictures' vectors too, or alone");
    command.add_option("--text-model", models_.text,
                       "The text encoder; without: as --model, \"image\" being \"text\"");
    command.add_option("--tokenizer", files_.tokenizer,
                       "Merges of byte pairs, or a tokenizer.json; without: the catalogue's");
    command.add_option("--token-embeddings", files_.token_embeddings,
                       "Table of the tokens' embeddings, .npy; without: the catalogue's");
    command.add_option("--text-projection", files_.text_projection,
                       "Projection of texts, .npy; without: the catalogue's");
    command.add_option("--catalogue", files_.catalogue, "The catalogue's folder")
        ->envname("HAILO_CATALOGUE");
    command
        .add_option("--model-dirs", files_.dirs,
                    "Folders that the text encoder's tables lie in, with : between")
        ->delimiter(':')
        ->allow_extra_args(false)
        ->envname("HAILO_MODEL_DIRS");
  }

  Status prepare() override {
    if (prompts_.prompts.empty() && !tell_vector_) {
      return fail(ErrorCode::kInvalidArgument,
                  "what to compare the pictures with is missing: --prompt 'a red car' --prompt 'a "
                  "blue car', or --embedding for their vectors");
    }
    for (const auto& text : prompts_.prompts) {
      if (auto ok = clip::check_text("--prompt", text); !ok) return ok;
    }
    for (const auto& text : prompts_.templates) {
      if (auto ok = clip::check_template("--template", text); !ok) return ok;
    }
    files_.look_in_usual_places();
    return {};
  }

  ModelRef complete(ModelRef model) const override {
    clip::ClipModels models = models_;
    models.image = model.path;
    models.text = model_path(models.text);
    models.complete();
    model.params = models.params();
    return model;
  }

  TaskResult<void> begin(const TaskModel& model) override {
    auto shape = picture_input(model);
    if (!shape) return tl::unexpected(shape.error());
    shape_ = std::move(*shape);
    how_ = kit::fit_of(model.loaded, kit::Fit::kStretch);
    how_.resample = media::Resample::kBicubic;
    if (prompts_.prompts.empty()) return {};
    auto vectors = encode(model);
    if (!vectors) return tl::unexpected(vectors.error());
    vectors_ = prompts_.means(std::move(*vectors));
    return {};
  }

  TaskResult<Looked> look(const TaskModel& model, std::span<const std::byte> picture) override {
    auto input = fitted(model, shape_, how_, picture);
    if (!input) return tl::unexpected(input.error());
    const auto result =
        model.client.infer(model.ref, clip::picture_request(std::move(input->tensor)));
    if (!result) return failure_of(TaskFailure::Of::kManager, result.error());
    auto vector = clip::picture_vector(*result);
    if (!vector) return failure_of(TaskFailure::Of::kModel, vector.error());
    std::vector<clip::Score> scores;
    if (!vectors_.empty()) scores = clip::rank(*vector, vectors_, score_rules());
    return Looked{input->placed.picture, result->inference_time_ms,
                  std::make_unique<FoundMeaning>(std::move(*vector), std::move(scores),
                                                 prompts_.prompts, tell_vector_)};
  }

 private:
  clip::ScoreRules score_rules() const {
    clip::ScoreRules rules{.threshold = -1};
    rules.mode = static_cast<clip::ScoreMode>(std::ranges::find(kScoreModes, score_mode_) -
                                              kScoreModes.begin());
    rules.top_k = top_k_ > 0 ? top_k_ : vectors_.size();
    return rules;
  }

  // A vector for each text in each template.
  TaskResult<std::vector<clip::Vector>> encode(const TaskModel& model) const {
    const auto shapes = clip::shapes_of(model.loaded);
    if (!shapes) return failure_of(TaskFailure::Of::kModel, shapes.error());
    const std::string text_model = std::string(model.ref.params->at("text_hef_path").as_string());
    const auto tables = clip::load_text_tables(files_, text_model, *shapes);
    if (!tables) return failure_of(TaskFailure::Of::kModel, tables.error());
    const auto texts = prompts_.texts();
    std::vector<clip::Tokens> tokens(texts.size());
    std::vector<const clip::Tokens*> rest(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      tokens[i] = tables->tokens(texts[i]);
      rest[i] = &tokens[i];
    }
    std::vector<clip::Vector> vectors;
    for (std::span left(rest); !left.empty();) {
      const auto some = left.first(clip::next_count(left.size(), shapes->batch));
      const auto result =
          model.client.infer(model.ref, clip::text_request(clip::embedded_texts(*tables, some)));
      if (!result) return failure_of(TaskFailure::Of::kManager, result.error());
      auto of_some = clip::text_vectors(*tables, some, *result);
      if (!of_some) return failure_of(TaskFailure::Of::kModel, of_some.error());
      std::ranges::move(*of_some, std::back_inserter(vectors));
      left = left.subspan(some.size());
    }
    return vectors;
  }

  clip::Prompts prompts_;
  clip::ClipModels models_;
  clip::SideFileRules files_;
  std::string score_mode_ = "auto";
  std::size_t top_k_ = 0;  // 0: all
  bool tell_vector_ = false;
  Shape shape_;
  kit::FitOptions how_;
  std::vector<clip::Vector> vectors_;
};

}  // namespace

std::unique_ptr<PictureTask> make_clip_task() { return std::make_unique<ClipTask>(); }

}  // namespace npu::cli
