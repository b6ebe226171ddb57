#include <memory>

#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/commands.hpp"
#include "cli/migrate/executor.hpp"
#include "cli/migrate/plan.hpp"
#include "cli/migrate/plan_text.hpp"
#include "cli/question.hpp"

namespace npu::cli {
namespace {

using namespace migrate;

struct MigrateArguments {
  std::string root = "/";
  std::string bind;  // "": ask, where there is somebody to ask
  bool yes = false;
  bool undo = false;
};

constexpr const char* kRootIsNeeded = "root is needed for that";

std::vector<std::string_view> open_services(const Plan& plan) {
  std::vector<std::string_view> names;
  for (const ServicePlan& service : plan.services) {
    if (service.was_open) names.push_back(service.service->name);
  }
  return names;
}

bool keeps_open(const std::vector<std::string_view>& names) {
  return agrees(fmt::format(
      "Open to the whole network until now: {}.\n"
      "Whoever reaches such a port may use the service, and there was no key. Leave them open?",
      fmt::join(names, ", ")));
}

class Migration {
 public:
  Migration(const Context& context, const MigrateArguments& arguments, const Tree& tree)
      : context_(context), arguments_(arguments), tree_(tree), units_(arguments.root) {}

  int run() {
    auto journal = Journal::read(tree_);
    if (!journal) return context_.report(journal.error(), "Nothing was done");
    const bool changes = arguments_.yes || arguments_.undo;
    if (changes && arguments_.root == "/" && ::geteuid() != 0) {
      return context_.report({ErrorCode::kPermission, kRootIsNeeded}, "Use sudo");
    }
    if (changes) {
      if (const Status locked = tree_.lock(); !locked) return context_.report(locked.error(), "");
    }
    return arguments_.undo ? take_back(*journal) : go(*journal);
  }

 private:
  int go(Journal& journal) {
    auto plan = make_plan(tree_, units_, journal, arguments_.bind == "keep");
    if (!plan && plan.error().code == ErrorCode::kNotFound) {
      fmt::print("{}: there is nothing to migrate.\n", plan.error().message);
      return kOk;
    }
    if (!plan) {
      return context_.report(plan.error(), "sudo apt install ./hailo-device-manager_*.deb ...");
    }
    if (context_.json) {
      print_json(json_of(*plan));
      if (!arguments_.yes) return kOk;
    } else {
      fmt::print("{}", text_of(*plan));
    }
    if (plan->steps.empty()) {
      if (!context_.json) fmt::print("There is nothing left to do.\n");
      return kOk;
    }
    if (!arguments_.yes) return say_how(*plan, journal);
    const auto open = open_services(*plan);
    if (!open.empty() && arguments_.bind.empty() && !context_.json && keeps_open(open)) {
      plan = make_plan(tree_, units_, journal, true);
      if (!plan) return context_.report(plan.error(), "");
    }
    return carry_out(journal, *plan);
  }

  int say_how(const Plan& plan, const Journal& journal) const {
    if (!journal.steps().empty()) {
      fmt::print("A migration was begun: --yes goes on with it, --undo takes it back.\n");
    }
    if (const auto open = open_services(plan); !open.empty() && arguments_.bind.empty()) {
      fmt::print(
          "Open to the whole network until now: {}. They will listen on this machine only;\n"
          "--bind keep  leaves them open.\n",
          fmt::join(open, ", "));
    }
    if (arguments_.root == "/" && ::geteuid() != 0) {
      fmt::print("Folders of services are closed to you:  sudo hailoctl migrate  sees more.\n");
    }
    fmt::print(
        "Nothing was changed. To do it, as root:  sudo hailoctl migrate --yes\n"
        "What is moved aside lies in {}, and  sudo hailoctl migrate --undo  brings it back.\n",
        kKept);
    return kOk;
  }

  int carry_out(Journal& journal, const Plan& plan) {
    const Status done = executor().run(journal, plan.steps);
    if (!done) {
      return context_.report(done.error(),
                             "When that is mended,  sudo hailoctl migrate --yes  goes on, and  "
                             "sudo hailoctl migrate --undo  takes back what was done");
    }
    tell(
        fmt::format("\nDone. Look:  systemctl status 'hailo-*'  and  hailoctl doctor\n"
                    "Back:  sudo hailoctl migrate --undo\n"
                    "When all is well, what is left of the Python project may go: /opt/hailo-*, "
                    "/etc/xdg/hailo-*, {}",
                    kKept));
    return kOk;
  }

  int take_back(Journal& journal) {
    if (journal.steps().empty()) {
      tell("There is nothing to undo.");
      return kOk;
    }
    const Status undone = executor().undo(journal);
    if (!undone) {
      return context_.report(undone.error(),
                             "When that is mended,  sudo hailoctl migrate --undo  goes on");
    }
    tell("All is as it was before the migration.");
    return kOk;
  }

  Executor executor() {
    return {tree_, units_, [this](const std::string& line) { tell(line); }};
  }
  void tell(const std::string& line) const {
    if (context_.json) return;
    fmt::print("{}\n", line);
    std::fflush(stdout);  // errors come on another stream
  }

  const Context& context_;
  const MigrateArguments& arguments_;
  const Tree& tree_;
  const Units units_;
};

int run_migration(const Context& context, const MigrateArguments& arguments) {
  const auto tree = Tree::open(arguments.root);
  if (!tree) return context.report(tree.error(), "");
  return Migration(context, arguments, *tree).run();
}

}  // namespace

void add_migrate(CLI::App& app, Context& context) {
  const auto arguments = std::make_shared<MigrateArguments>();
  auto* command =
      app.add_subcommand("migrate", "Take over from an installation of the Python project");
  command->footer(
      "Without --yes it only says what it would do. Configuration is translated key by key, "
      "models\n"
      "and enrolled people are taken over, ports stay the same, the old units are stopped and "
      "kept\n"
      "aside. Services that were open to the network listen on this machine only, unless you say\n"
      "otherwise. Each step is written down before it is done: one that broke off is gone on with "
      "by\n"
      "another --yes, and --undo takes all of it back.\n\n"
      "Examples:  hailoctl migrate\n"
      "           sudo hailoctl migrate --yes\n"
      "           sudo hailoctl migrate --undo");
  command->add_option("--root", arguments->root, "The folder that is the machine's /")
      ->capture_default_str();
  auto* yes = command->add_flag("--yes", arguments->yes, "Do it");
  command->add_flag("--undo", arguments->undo, "Take back what was done")->excludes(yes);
  command
      ->add_option("--bind", arguments->bind,
                   "What was open to the network: loopback closes it, keep leaves it open")
      ->check(CLI::IsMember({"loopback", "keep"}));
  command->callback(
      [&context, arguments] { context.exit_code = run_migration(context, *arguments); });
}

}  // namespace npu::cli
