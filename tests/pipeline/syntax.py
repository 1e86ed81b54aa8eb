"""Code in every language whose syntax we know."""

from textwrap import dedent

# Of every language: a file, and what a piece with `needle_one` and one with `needle_two` are called. `…` stands for
# statements that make a definition as large as a piece may be.
EXAMPLES = {
    "a.py": (
        """
        import os

        # What it is.
        @register
        class Outer(Base):
            \"\"\"Words.\"\"\"

            @property
            def first(self):
                needle_one()
                …

            async def second(self):
                …

        def third():
            needle_two()
            …
        """,
        "class Outer > def first",
        "def third",
    ),
    "a.js": (
        """
        const a = require("a");

        /** What it is. */
        export default class Outer extends Base {
          static async first(x) {
            needle_one();
            …
          }
          second = () => {
            …
          };
        }

        module.exports.third = function () {
          needle_two();
          …
        };
        """,
        "class Outer > method first",
        "function module.exports.third",
    ),
    "a.jsx": (
        """
        export const First = ({ name }) => {
          needle_one();
          …
          return <b>{name}</b>;
        };

        const routes = {
          second() {
            needle_two();
            …
          },
          third: function () {
            …
          },
        };
        """,
        "function First",
        "object routes > method second",
    ),
    "a.ts": (
        """
        namespace Space {
          @Injectable()
          export abstract class Outer<T> {
            @Input()
            first(): void {
              needle_one();
              …
            }
            abstract second(): void;
          }
        }

        export interface Third {
          needle_two: string;
          …
        }
        """,
        "namespace Space > class Outer > method first",
        "interface Third",
    ),
    "a.tsx": (
        """
        export function First(): JSX.Element {
          needle_one();
          …
          return <Second<string> />;
        }

        enum Third {
          needle_two,
          …
        }
        """,
        "function First",
        "enum Third",
    ),
    "a.go": (
        """
        package main

        import "fmt"

        // First is what it is.
        func (s *Server[T]) First() error {
            needle_one()
            …
        }

        type Second struct {
            needle_two int
            …
        }
        """,
        "func Server[T].First",
        "type Second",
    ),
    "a.rs": (
        """
        mod inner {
            /// What it is.
            impl<T> Trait for Outer<T> {
                pub async fn first(&self) {
                    needle_one();
                    …
                }
                fn second(&self) {
                    …
                }
            }
        }

        #[derive(Debug)]
        pub struct Third {
            needle_two: u8,
            …
        }
        """,
        "mod inner > impl Trait for Outer<T> > fn first",
        "struct Third",
    ),
    "A.java": (
        """
        package a;

        /** What it is. */
        @Service
        public class Outer {
            @Override
            public void first() {
                needle_one();
                …
            }
            Outer() {
                needle_two();
                …
            }
        }
        """,
        "class Outer > method first",
        "class Outer > constructor Outer",
    ),
    "a.c": (
        """
        #ifdef X
        static int *first(int a) {
            needle_one();
            …
        }
        #endif

        typedef struct {
            int needle_two;
            …
        } second;
        """,
        "function first",
        "struct second",
    ),
    "a.cpp": (
        """
        namespace a::b {
        template <typename T>
        class Outer : public Base {
         public:
          void first() const {
            needle_one();
            …
          }
          ~Outer() {
            …
          }
        };
        }

        template <typename T>
        void a::b::Outer<T>::third(int x) {
          needle_two();
          …
        }
        """,
        "namespace a::b > class Outer > function first",
        "function a::b::Outer<T>::third",
    ),
    "a.cs": (
        """
        namespace A.B
        {
            /// <summary>What it is.</summary>
            [Serializable]
            public class Outer<T> : Base
            {
                public async Task First()
                {
                    needle_one();
                    …
                }

                public int Second
                {
                    get { needle_two(); return 1; }
                    …
                }
            }
        }
        """,
        "namespace A.B > class Outer > method First",
        "namespace A.B > class Outer > property Second",
    ),
    "a.rb": (
        """
        module Space
          class Outer < Base
            attr_reader :x

            # What it is.
            def first
              needle_one
              …
            end

            def self.second
              needle_two
              …
            end
          end
        end
        """,
        "module Space > class Outer > def first",
        "module Space > class Outer > def self.second",
    ),
    "a.php": (
        """
        <?php
        namespace A;

        #[Entity]
        final class Outer extends Base
        {
            /** What it is. */
            public function first(): void
            {
                needle_one();
                …
            }
        }

        function second()
        {
            needle_two();
            …
        }
        """,
        "class Outer > function first",
        "function second",
    ),
}
FILLER = {".py": "value = compute(value)", ".rb": "value = compute(value)", ".go": "value = compute(value)"}
FIELDS = {
    "enum Third {": "name_of_the_value_{},",
    "Third {": "f{}: string;",
    "struct {": "f{} int",
    "pub struct": "f{}: u8,",
}


def filled(path: str, text: str, lines: int) -> str:
    """Put so many statements, or members where a statement cannot stand, in the place of every `…`."""
    statement = FILLER.get(path[path.rfind(".") :], "value = compute(value);")
    result, opened = [], ""
    for line in dedent(text).strip("\n").split("\n"):
        opened = next((mark for mark in FIELDS if mark in line), opened)
        opened = "" if line.lstrip().startswith("}") else opened
        member = FIELDS.get(opened, statement)
        if line.strip() == "…":
            result += [line.replace("…", member.format(number)) for number in range(lines)]
        else:
            result.append(line)
    return "\n".join(result) + "\n"
