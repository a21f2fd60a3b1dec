// Softmax regression, trained by gradient descent.
import { Matrix } from 'ml-matrix'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** The stored model, which is all that predictions need. */
export interface Model {
  features: readonly string[]
  classes: string[]
  /** The mean of each feature in the training data, used with `deviation` to standardize measurements. */
  mean: number[]
  deviation: number[]
  /** For each class, a weight for each feature, followed by the bias. */
  weights: number[][]
}

/** Measurements in the order of the features, with their labels. */
export interface Examples {
  inputs: number[][]
  labels: string[]
}

/** Trains, and yields the model after each epoch. The same examples and settings give the same bits. */
export function* learn(
  features: readonly string[],
  { inputs, labels }: Examples,
  { seed, epochs, learningRate }: { seed: number; epochs: number; learningRate: number },
) {
  const raw = new Matrix(inputs)
  const classes = [...new Set(labels)].sort()
  const scale = { mean: raw.mean('column'), deviation: raw.standardDeviation('column') }
  const x = standardize(scale, inputs)
  const y = new Matrix(labels.map((label) => classes.map((name) => (name === label ? 1 : 0))))
  const generator = xoroshiro128plus(seed)
  const random = () => uniformFloat64(generator) - 0.5
  const weights = Matrix.random(classes.length, x.columns, { random })
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    const guesses = probabilities(weights, x)
    const loss = -Matrix.log(guesses).mul(y).sum() / x.rows
    const gradient = guesses.sub(y).transpose().mmul(x).div(x.rows)
    weights.sub(gradient.mul(learningRate))
    const model: Model = { features, classes, ...scale, weights: weights.to2DArray() }
    yield { epoch, loss, model }
  }
}

/** The share of examples that the model classifies correctly. */
export function accuracyOf(model: Model, { inputs, labels }: Examples): number {
  const guesses = probabilities(new Matrix(model.weights), standardize(model, inputs))
  const right = labels.filter((label, row) => {
    const [, likeliest] = guesses.maxRowIndex(row)
    return model.classes[likeliest] === label
  })
  return right.length / labels.length
}

/** Standardizes each row to mean 0 and deviation 1, and appends a 1 for the bias. */
function standardize({ mean, deviation }: Pick<Model, 'mean' | 'deviation'>, inputs: number[][]): Matrix {
  const x = new Matrix(inputs).subRowVector(mean).divRowVector(deviation)
  return x.addColumn(x.columns, Matrix.ones(x.rows, 1))
}

function probabilities(weights: Matrix, x: Matrix): Matrix {
  const scores = x.mmul(weights.transpose())
  const likely = scores.subColumnVector(scores.max('row')).exp()
  return likely.divColumnVector(likely.sum('row'))
}
